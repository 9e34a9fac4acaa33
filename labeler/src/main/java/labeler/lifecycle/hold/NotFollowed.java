package labeler.lifecycle.hold;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import labeler.problem.Problem;
import labeler.vm.VmName;

/** Files that running VMs have been given by others and that could not be had on record: shown with each of them. */
public final class NotFollowed {
    private final Map<VmName, List<Problem>> problems = new ConcurrentHashMap<>();

    /** These, in place of those from before. */
    public void put(VmName name, List<Problem> now) {
        if (now.isEmpty()) {
            problems.remove(name);
        } else {
            problems.put(name, List.copyOf(now));
        }
    }

    /** The VM has ended. */
    public void forget(VmName name) {
        problems.remove(name);
    }

    /** Those of a VM. */
    public List<Problem> of(VmName name) {
        return problems.getOrDefault(name, List.of());
    }
}
