package labeler.chain;

/**
 * An image as its user declares it. What the declaration settles, headers cannot change.
 *
 * @param name as the user gave it, so relative backing names resolve beside it, as qemu does
 */
public record ImageRequest(
        FileName name, FormatChoice format, Access access, BackingChoice backing, DataFileChoice dataFile) {

    /** Where the format of the top image comes from. */
    public sealed interface FormatChoice {}

    /** The declaration says it. */
    public record Declared(ImageFormat format) implements FormatChoice {}

    /** Nothing says it: accepted for a VM only where the content can be nothing but raw (CVE-2008-2004). */
    public record Undeclared() implements FormatChoice {}

    /** From the content, for a report to a person; never for a VM. */
    public record Detect() implements FormatChoice {}

    /** What lies below the image. */
    public sealed interface BackingChoice {}

    /** What the header names. */
    public record HeaderBacking() implements BackingChoice {}

    /** Nothing, whatever the header says ({@code "backing": null}, an empty {@code <backingStore/>}). */
    public record NoBacking() implements BackingChoice {}

    /** This image, whatever the header says; always read only. */
    public record DeclaredBacking(ImageRequest image) implements BackingChoice {}

    /**
     * What the header names, as somebody else has read it: libvirt looks at headers and writes the chain that it finds into
     * the XML of a VM that starts. The header still has to say so: a format that was guessed from content counts only as
     * raw.
     */
    public record ProbedBacking(ImageRequest image) implements BackingChoice {}

    /** Something that is not a file (nbd, rbd, …), declared; nothing to open. */
    public record ExternalBacking(String reference, String protocol) implements BackingChoice {}

    /** Where an image with an external data file keeps its data. */
    public sealed interface DataFileChoice {}

    /**
     * Where the header says.
     *
     * @param base what a relative name in the header is relative to: qemu takes its process's directory, libvirt the
     *     image's own. Ends with a slash, or is empty for this process's directory.
     */
    public record HeaderDataFile(DataFileBase base) implements DataFileChoice {}

    /** This file, whatever the header says. */
    public record DeclaredDataFile(FileName name) implements DataFileChoice {}

    /** What a relative data file name is relative to. */
    public sealed interface DataFileBase {}

    /** A directory, with its slash at the end: that of the qemu process. Empty for this process's own. */
    public record ProcessDirectory(FileName directory) implements DataFileBase {}

    /** The directory part of the image's own name. */
    public record BesideImage() implements DataFileBase {}

    /** The same image, only read. */
    public ImageRequest readOnly() {
        return new ImageRequest(name, format, Access.READ_ONLY, backing, dataFile);
    }

    /** An image whose header decides about all that is below it. */
    public static ImageRequest followingHeaders(FileName name, FormatChoice format, Access access, DataFileBase base) {
        return new ImageRequest(name, format, access, new HeaderBacking(), new HeaderDataFile(base));
    }
}
