package labeler.fileset;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.linux.FileIdentity;
import labeler.problem.Problem;
import labeler.reference.ReadHeader;

/** The headers of one VM's images. */
final class ReadHeaders {
    private final List<ReadHeader> images = new ArrayList<>();

    void add(ReadHeader image) {
        images.add(image);
    }

    /** An image that is read in two ways has two headers, and is on record with one. */
    List<Problem> contradictions() {
        Map<FileIdentity, ImageFormat> formats = new LinkedHashMap<>();
        List<Problem> problems = new ArrayList<>();
        for (ReadHeader image : images) {
            ImageFormat before = formats.putIfAbsent(image.identity(), image.format());
            if (before != null && before != image.format()) {
                problems.add(new Problem(
                        Problem.Kind.FORMAT_MISMATCH,
                        Optional.of(image.path()),
                        "it is used as " + before.driver() + " and as "
                                + image.format().driver() + " by one VM: correct one of the two"));
            }
        }
        return problems;
    }

    List<ReadHeader> finish() {
        return List.copyOf(images);
    }
}
