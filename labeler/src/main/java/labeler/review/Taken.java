package labeler.review;

import java.util.List;
import java.util.stream.Stream;
import labeler.fileset.FileSet;
import labeler.fileset.OtherNames;
import labeler.linux.HostPath;
import labeler.reference.ReadHeader;

/**
 * The files and trees that a VM takes, and may write headers into.
 *
 * @param headers of images, and of files that are none, with a header of a guest's making or none
 * @param trees the roots of directory trees that it may write, by each real path that leads there
 * @param readSince a moment before the first header was read, in the time of {@link System#nanoTime}
 */
public record Taken(List<ReadHeader> headers, List<HostPath> trees, long readSince) {
    public Taken {
        headers = List.copyOf(headers);
        trees = List.copyOf(trees);
    }

    /** That of these files. A tree counts also if it keeps its labels. Asks for the names of trees on other mounts. */
    public static Taken of(FileSet files, OtherNames otherNames, long readSince) {
        List<HostPath> trees = files.writtenTrees().stream()
                .flatMap(root -> Stream.concat(Stream.of(root.realPath()), otherNames.of(root).stream()))
                .distinct()
                .toList();
        return new Taken(files.headers(), trees, readSince);
    }

    /** New files alone. */
    public static Taken of(List<ReadHeader> headers) {
        return new Taken(headers, List.of(), System.nanoTime());
    }
}
