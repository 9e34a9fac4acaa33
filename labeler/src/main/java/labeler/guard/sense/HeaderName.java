package labeler.guard.sense;

import java.util.Optional;
import labeler.chain.FileName;
import labeler.chain.name.BlockOptions;
import labeler.chain.name.ReferenceName;
import labeler.linux.HostPath;

/** The names in headers. */
final class HeaderName {
    private HeaderName() {}

    /** The file that a header names, as qemu finds it; empty for what is no plain file. */
    static Optional<HostPath> path(FileName name, HostPath image) {
        FileName above = FileName.of(image.bytes());
        return switch (ReferenceName.resolve(name, above)) {
            case ReferenceName.LocalFile(FileName file) -> HostPath.parse(file.bytes());
            case ReferenceName.JsonOptions() ->
                BlockOptions.in(name) instanceof BlockOptions.Named named
                        ? named.plainFile()
                                .flatMap(file -> HostPath.parse(file.name().bytes()))
                        : Optional.empty();
            case ReferenceName.Protocol _, ReferenceName.UnknownProtocol _, ReferenceName.Empty() -> Optional.empty();
        };
    }
}
