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
     * Its level, whatever that is, if it is a VM's. The policy keeps other types from VMs' files whatever their levels, or
     * lets them open all; its wall tells which.
     *
     * @param types of VMs' processes
     */
    Optional<Clearance> clearance(Collection<String> types) {
        return context.filter(found -> types.contains(found.type())).flatMap(found -> Clearance.parse(found.level()));
    }

    /** The clearance that has to be its alone: its level if it is a VM's, and a pair whatever its type. */
    Optional<Clearance> own(Collection<String> types) {
        return clearance(types).or(() -> level().flatMap(level -> Clearance.parse(level.toString())));
    }

    /** Whether it may open what has this pair: it has the same, or is a VM's and has more. */
    boolean isLetIn(Level label, Collection<String> types) {
        return level().equals(Optional.of(label))
                || clearance(types)
                        .filter(own -> Clearance.parse(label.toString())
                                .filter(own::dominates)
                                .isPresent())
                        .isPresent();
    }
}
