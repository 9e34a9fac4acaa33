package labeler.fileset;

import java.util.Optional;
import labeler.linux.OpenedFile;

/** For what the host itself uses files. */
@FunctionalInterface
public interface HostFileUses {
    /** As it is just now. */
    Now now();

    /** One look at it. */
    @FunctionalInterface
    interface Now {
        /** In words, {@code swap space}; empty for nothing. */
        Optional<String> of(OpenedFile file);
    }
}
