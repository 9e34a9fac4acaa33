package labeler.fileset;

import java.util.Optional;
import labeler.linux.OpenedFile;

/** The host's own uses of files. */
@FunctionalInterface
public interface HostFileUses {
    /** The present uses. */
    Now now();

    /** A snapshot. */
    @FunctionalInterface
    interface Now {
        /** In words, {@code swap space}; empty if there is none. */
        Optional<String> of(OpenedFile file);
    }
}
