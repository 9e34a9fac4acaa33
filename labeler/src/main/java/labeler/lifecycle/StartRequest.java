package labeler.lifecycle;

import java.util.Optional;
import labeler.linux.Pid;
import labeler.selinux.Level;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;

/**
 * What is asked for at a start, or in a plan.
 *
 * @param level to be used; empty for one of the service's choice
 * @param pid the process that the VM lives in, or will become it; its end is the VM's
 * @param owner who files are created for
 * @param launch who puts the walls around the process
 */
public record StartRequest(
        VmName name, VmDefinition definition, Optional<Level> level, Optional<Pid> pid, Owner owner, Launch launch) {
    /** Who starts qemu. */
    public enum Launch {
        /** {@code labeler run}, which confines itself before it becomes qemu. */
        RUN,
        /** Somebody else, who knows nothing of Landlock. */
        ELSEWHERE
    }

    /** A user and a group. */
    public record Owner(int uid, int gid) {}
}
