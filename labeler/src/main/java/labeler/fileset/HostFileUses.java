package labeler.fileset;

import java.util.Optional;
import labeler.linux.OpenedFile;

/** For what the host itself uses files just now. */
@FunctionalInterface
public interface HostFileUses {
    /** In words, {@code swap space}; empty for nothing. */
    Optional<String> of(OpenedFile file);
}
