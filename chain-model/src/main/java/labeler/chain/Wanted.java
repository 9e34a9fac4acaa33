package labeler.chain;

import java.util.OptionalInt;

/**
 * A file that the walk has still to open.
 *
 * @param source where a declared format is declared; means nothing for the other choices
 * @param parent index of the node that names it, empty for the top
 */
record Wanted(
        FileName name,
        Role role,
        ImageRequest.FormatChoice format,
        Chain.FormatSource source,
        int depth,
        OptionalInt parent,
        Access access,
        ImageRequest.BackingChoice backing,
        ImageRequest.DataFileChoice dataFile) {

    static Wanted top(ImageRequest request) {
        return of(request, Role.IMAGE, 0, OptionalInt.empty(), request.access());
    }

    static Wanted declaredBacking(ImageRequest request, int depth, int parent) {
        return of(request, Role.BACKING, depth, OptionalInt.of(parent), Access.READ_ONLY);
    }

    private static Wanted of(ImageRequest request, Role role, int depth, OptionalInt parent, Access access) {
        return new Wanted(
                request.name(),
                role,
                request.format(),
                Chain.FormatSource.DECLARED,
                depth,
                parent,
                access,
                request.backing(),
                request.dataFile());
    }

    /** What a header names as backing, in the format that it records. Nothing about it or below it is declared. */
    Wanted headerBacking(FileName backingName, ImageFormat backingFormat, int index) {
        return new Wanted(
                backingName,
                Role.BACKING,
                new ImageRequest.Declared(backingFormat),
                Chain.FormatSource.HEADER,
                depth + 1,
                OptionalInt.of(index),
                Access.READ_ONLY,
                new ImageRequest.HeaderBacking(),
                dataFileChoiceBelow());
    }

    /** A data file of this image: raw, and the last of its line. */
    Wanted dataFile(FileName dataFileName, int index) {
        return new Wanted(
                dataFileName,
                Role.DATA_FILE,
                new ImageRequest.Declared(ImageFormat.RAW),
                Chain.FormatSource.IMPLIED,
                depth + 1,
                OptionalInt.of(index),
                access,
                new ImageRequest.NoBacking(),
                dataFileChoiceBelow());
    }

    /** A part of this image, which may have parts itself; qemu follows no parent of a part. */
    Wanted extent(FileName extentName, ImageFormat extentFormat, int index) {
        return new Wanted(
                extentName,
                Role.EXTENT,
                new ImageRequest.Declared(extentFormat),
                extentFormat == ImageFormat.RAW ? Chain.FormatSource.IMPLIED : Chain.FormatSource.HEADER,
                depth + 1,
                OptionalInt.of(index),
                access,
                new ImageRequest.NoBacking(),
                dataFileChoiceBelow());
    }

    /** A data file declared for this image says nothing of those below, which qemu takes from their headers. */
    private ImageRequest.DataFileChoice dataFileChoiceBelow() {
        return switch (dataFile) {
            case ImageRequest.HeaderDataFile header -> header;
            case ImageRequest.DeclaredDataFile declared ->
                new ImageRequest.HeaderDataFile(new ImageRequest.ProcessDirectory(FileName.of("")));
        };
    }
}
