package labeler.survey;

import java.util.Optional;
import labeler.linux.Pid;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;

/**
 * A qemu that runs.
 *
 * @param user as whom it opens files
 * @param context by SELinux; empty where that is not active, or nobody could tell
 * @param open empty if nobody could tell
 */
public record ProcessFacts(
        Pid pid, int user, ProcessWall wall, Optional<SecurityContext> context, Optional<OpenFiles> open) {
    /** Its category pair, with the sensitivity. */
    Optional<Level> level() {
        return context.flatMap(found -> Level.parse(found.level()));
    }
}
