package labeler.survey;

import java.util.List;
import java.util.Optional;
import labeler.linux.Pid;
import labeler.selinux.CategoryPair;

/**
 * A VM in labeler's own account.
 *
 * @param pid empty if the service does not know its process
 * @param walls around it, in words; empty for none
 */
public record HeldVm(String name, Optional<Pid> pid, CategoryPair pair, String walls, List<HeldFile> files) {
    public HeldVm {
        files = List.copyOf(files);
    }

    /** Whether SELinux alone is said to confine it: that depends on the policy, which the kernel tells. */
    public boolean isBySelinuxAlone() {
        return walls.equals("selinux");
    }
}
