package labeler.survey;

import java.util.Collection;
import java.util.Optional;
import labeler.linux.Pid;
import labeler.selinux.Clearance;
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

    /**
     * Its level, whatever that is, if it is to part it from others. One whom SELinux does not confine runs where its starter
     * does.
     *
     * @param types of VMs' processes
     */
    Optional<Clearance> clearance(Collection<String> types) {
        boolean isParted = level().isPresent()
                || !(wall instanceof ProcessWall.Missing)
                || context.map(SecurityContext::type).filter(types::contains).isPresent();
        return context.filter(_ -> isParted).flatMap(found -> Clearance.parse(found.level()));
    }
}
