package labeler.chain;

/**
 * An image as its user declares it. Headers cannot change the declared facts.
 *
 * @param name as the user gave it; relative backing names are relative to it, as in qemu
 */
public record ImageRequest(
        FileName name, FormatChoice format, Access access, BackingChoice backing, DataFileChoice dataFile) {

    /** The source of the top image's format. */
    public sealed interface FormatChoice {}

    /** The declaration says it. */
    public record Declared(ImageFormat format) implements FormatChoice {}

    /** It is not declared: accepted for a VM only if the content can only be raw (CVE-2008-2004). */
    public record Undeclared() implements FormatChoice {}

    /** From the content, for a report to a person; never for a VM. */
    public record Detect() implements FormatChoice {}

    /** The files below the image. */
    public sealed interface BackingChoice {}

    /** The file that the header names. */
    public record HeaderBacking() implements BackingChoice {}

    /** Nothing, even if the header names a file ({@code "backing": null}, an empty {@code <backingStore/>}). */
    public record NoBacking() implements BackingChoice {}

    /** This image, even if the header names another; always read only. */
    public record DeclaredBacking(ImageRequest image) implements BackingChoice {}

    /**
     * A file that the header names, as another program has read it: libvirt reads headers and writes the chain into the
     * XML of a VM that starts. The header still has to agree: a format that was guessed from content counts only as
     * raw.
     */
    public record ProbedBacking(ImageRequest image) implements BackingChoice {}

    /** Something that is not a file (nbd, rbd, …), declared; nothing to open. */
    public record ExternalBacking(String reference, String protocol) implements BackingChoice {}

    /** The data file of an image with external data. */
    public sealed interface DataFileChoice {}

    /**
     * Where the header says.
     *
     * @param base the base of a relative name in the header: for qemu its process's directory, for libvirt the image's
     * own. Ends with a slash, or is empty for this process's directory.
     */
    public record HeaderDataFile(DataFileBase base) implements DataFileChoice {}

    /**
     * This file, even if the header names another.
     *
     * @param baseBelow the base of relative names in the headers of lower images, for which nothing is declared
     */
    public record DeclaredDataFile(FileName name, DataFileBase baseBelow) implements DataFileChoice {}

    /** The base of a relative data file name. */
    public sealed interface DataFileBase {}

    /** A directory, with its slash at the end: that of the qemu process. Empty for this process's own. */
    public record ProcessDirectory(FileName directory) implements DataFileBase {}

    /** The directory part of the image's own name. */
    public record BesideImage() implements DataFileBase {}

    /** The same image, only read. */
    public ImageRequest readOnly() {
        return new ImageRequest(name, format, Access.READ_ONLY, backing, dataFile);
    }

    /** An image whose header decides about all files below it. */
    public static ImageRequest followingHeaders(FileName name, FormatChoice format, Access access, DataFileBase base) {
        return new ImageRequest(name, format, access, new HeaderBacking(), new HeaderDataFile(base));
    }
}
