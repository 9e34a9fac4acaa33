package labeler.vm.qemu.handover;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import labeler.linux.Access;
import labeler.linux.HostPath;

/** The sets of one command line while it is being rewritten, and which files go into them. */
final class DescriptorSets {
    private final Predicate<HostPath> passed;
    private final List<DescriptorSet> sets = new ArrayList<>();

    DescriptorSets(Predicate<HostPath> passed) {
        this.passed = passed;
    }

    boolean isPassed(HostPath path) {
        return passed.test(path);
    }

    DescriptorSet add(HostPath path, Access access, boolean direct) {
        DescriptorSet set = new DescriptorSet(sets.size() + 1, path, access, direct);
        sets.add(set);
        return set;
    }

    List<DescriptorSet> all() {
        return List.copyOf(sets);
    }
}
