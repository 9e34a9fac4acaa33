package labeler.review;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import labeler.linux.FileIdentity;
import labeler.reference.ReadHeader;
import labeler.reference.WrittenReference;

/** The headers of a VM's images, of which one may be in several chains. */
final class HeadersOnce {
    private HeadersOnce() {}

    /** Each image once: a file that is in two chains has one format in both, or the VM is refused. */
    static Collection<ReadHeader> of(List<ReadHeader> headers) {
        Map<FileIdentity, ReadHeader> images = new LinkedHashMap<>();
        headers.forEach(header -> images.merge(header.identity(), header, HeadersOnce::merged));
        return images.values();
    }

    private static ReadHeader merged(ReadHeader one, ReadHeader other) {
        return new ReadHeader(
                one.path(),
                one.realPath(),
                one.identity(),
                one.format(),
                one.writable() || other.writable(),
                one.partOfWritable() || other.partOfWritable(),
                merged(one.references(), other.references()));
    }

    /** A file that one chain declares may be followed in the header by another. */
    private static List<ReadHeader.Found> merged(List<ReadHeader.Found> some, List<ReadHeader.Found> others) {
        Map<WrittenReference, Boolean> followed = new LinkedHashMap<>();
        Stream.concat(some.stream(), others.stream())
                .forEach(found -> followed.merge(found.reference(), found.followed(), Boolean::logicalOr));
        return followed.entrySet().stream()
                .map(entry -> new ReadHeader.Found(entry.getKey(), entry.getValue()))
                .toList();
    }
}
