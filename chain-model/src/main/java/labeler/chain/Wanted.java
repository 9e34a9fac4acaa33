package labeler.chain;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import labeler.chain.format.Reference;
import labeler.chain.name.ReferenceName;

/**
 * A file that the walk has still to open.
 *
 * @param source of a declared format; without meaning for the other choices
 * @param parent index of the node that names it, empty for the top
 * @param namedBy the source that names it
 * @param part empty for an image of its own
 */
record Wanted(
        FileName name,
        Role role,
        ImageRequest.FormatChoice format,
        Chain.FormatSource source,
        int depth,
        OptionalInt parent,
        Chain.NamedBy namedBy,
        Access access,
        ImageRequest.BackingChoice backing,
        ImageRequest.DataFileChoice dataFile,
        Optional<Part> part) {

    /**
     * A part of an image, or a part of such a part.
     *
     * @param whole the image under its name: qemu looks beside it for the parts of parts too
     */
    record Part(FileName whole, Reference.ExtentKind kind) {}

    static Wanted top(ImageRequest request) {
        return of(
                request,
                Role.IMAGE,
                Chain.FormatSource.DECLARED,
                0,
                OptionalInt.empty(),
                Chain.NamedBy.DECLARATION,
                request.access());
    }

    static Wanted declaredBacking(ImageRequest request, int depth, int parent) {
        return of(
                request,
                Role.BACKING,
                Chain.FormatSource.DECLARED,
                depth,
                OptionalInt.of(parent),
                Chain.NamedBy.DECLARATION,
                Access.READ_ONLY);
    }

    /** A file that a header names and another program has looked up. */
    static Wanted probedBacking(ImageRequest request, int depth, int parent) {
        return of(
                request,
                Role.BACKING,
                Chain.FormatSource.HEADER,
                depth,
                OptionalInt.of(parent),
                Chain.NamedBy.HEADER,
                Access.READ_ONLY);
    }

    private static Wanted of(
            ImageRequest request,
            Role role,
            Chain.FormatSource source,
            int depth,
            OptionalInt parent,
            Chain.NamedBy namedBy,
            Access access) {
        return new Wanted(
                request.name(),
                role,
                request.format(),
                source,
                depth,
                parent,
                namedBy,
                access,
                request.backing(),
                request.dataFile(),
                Optional.empty());
    }

    /** A backing file that a header names, in the recorded format. Neither it nor any file below it is declared. */
    Wanted headerBacking(FileName backingName, ImageFormat backingFormat, int index) {
        return new Wanted(
                backingName,
                Role.BACKING,
                new ImageRequest.Declared(backingFormat),
                Chain.FormatSource.HEADER,
                depth + 1,
                OptionalInt.of(index),
                Chain.NamedBy.HEADER,
                Access.READ_ONLY,
                new ImageRequest.HeaderBacking(),
                dataFileChoiceBelow(),
                Optional.empty());
    }

    /** A data file of this image: raw, and without references. */
    Wanted dataFile(FileName dataFileName, Chain.NamedBy dataFileNamedBy, int index) {
        return new Wanted(
                dataFileName,
                Role.DATA_FILE,
                new ImageRequest.Declared(ImageFormat.RAW),
                Chain.FormatSource.IMPLIED,
                depth + 1,
                OptionalInt.of(index),
                dataFileNamedBy,
                access,
                new ImageRequest.NoBacking(),
                dataFileChoiceBelow(),
                Optional.empty());
    }

    /** A part of this image, which may have parts itself; qemu follows no parent of a part. */
    Wanted extent(Reference.Extent extent, int index) {
        ImageFormat extentFormat = extent.format();
        return new Wanted(
                extent.name().isAbsolute()
                        ? extent.name()
                        : ReferenceName.prefix(whole()).concat(extent.name()),
                Role.EXTENT,
                new ImageRequest.Declared(extentFormat),
                extentFormat == ImageFormat.RAW ? Chain.FormatSource.IMPLIED : Chain.FormatSource.HEADER,
                depth + 1,
                OptionalInt.of(index),
                Chain.NamedBy.HEADER,
                access,
                new ImageRequest.NoBacking(),
                dataFileChoiceBelow(),
                Optional.of(new Part(whole(), extent.kind())));
    }

    private FileName whole() {
        return part.map(Part::whole).orElse(name);
    }

    /** Whether the same header leads to the same files here and there. */
    boolean isFollowedAs(Wanted other) {
        return part.map(Part::kind).equals(other.part.map(Part::kind))
                && ReferenceName.prefix(whole()).equals(ReferenceName.prefix(other.whole()))
                && backing.equals(other.backing)
                && dataFile.equals(other.dataFile);
    }

    /** A file that a header names for qemu to open, and whether a declaration replaces it. */
    List<Chain.HeaderReference> heading(List<Reference> references) {
        return references.stream()
                .filter(Reference.Followed.class::isInstance)
                .map(Reference.Followed.class::cast)
                .map(reference -> new Chain.HeaderReference(reference, believes(reference)))
                .toList();
    }

    private boolean believes(Reference.Followed reference) {
        return switch (reference) {
            case Reference.Backing _ ->
                switch (backing) {
                    case ImageRequest.HeaderBacking _, ImageRequest.ProbedBacking _ -> true;
                    case ImageRequest.NoBacking _, ImageRequest.DeclaredBacking _, ImageRequest.ExternalBacking _ ->
                        false;
                };
            case Reference.DataFile _ -> dataFile instanceof ImageRequest.HeaderDataFile;
            case Reference.Extent _ -> true;
        };
    }

    /** A data file declared for this image does not apply to lower images: qemu takes theirs from their headers. */
    private ImageRequest.DataFileChoice dataFileChoiceBelow() {
        return switch (dataFile) {
            case ImageRequest.HeaderDataFile header -> header;
            case ImageRequest.DeclaredDataFile declared -> new ImageRequest.HeaderDataFile(declared.baseBelow());
        };
    }
}
