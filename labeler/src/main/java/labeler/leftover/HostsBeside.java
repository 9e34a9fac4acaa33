package labeler.leftover;

import java.util.Optional;
import labeler.linux.OpenedFile;
import labeler.selinux.Level;

/** Other hosts that use the same storage. A label that nobody has set here may be theirs. */
@FunctionalInterface
public interface HostsBeside {
    /** Why a label with this level on this file may be another host's; empty if it is not. */
    Optional<String> mayNeed(OpenedFile file, Level level);

    /** For a host that shares nothing. */
    static HostsBeside none() {
        return (_, _) -> Optional.empty();
    }
}
