package labeler.fileset;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.chain.ImageFormat;
import labeler.linux.FileIdentity;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.problem.Problem;
import labeler.reference.ReadHeader;

/** The headers of one VM's images. A file that it writes otherwise is one without any: a guest may write one into it. */
final class ReadHeaders {
    private final List<ReadHeader> images = new ArrayList<>();
    private final Map<FileIdentity, ReadHeader> written = new LinkedHashMap<>();

    void add(ReadHeader image) {
        images.add(image);
    }

    /** A log, guest memory, whatever else can keep a header and is no image of the VM's. */
    void addWritten(OpenedFile file) {
        if (OpenRequest.IMAGE.types().contains(file.status().type())) {
            ReadHeader header = ReadHeader.ofNoImage(file.path(), file.realPath(), file.status());
            written.put(header.identity(), header);
        }
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
        images.forEach(image -> written.remove(image.identity()));
        return Stream.concat(images.stream(), written.values().stream()).toList();
    }
}
