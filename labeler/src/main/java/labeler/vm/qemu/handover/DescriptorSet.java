package labeler.vm.qemu.handover;

import java.util.List;
import java.util.function.Predicate;
import labeler.linux.Access;
import labeler.linux.HostPath;

/**
 * A file that qemu is given as the one member of a set of descriptors, and knows as {@code /dev/fdset/NUMBER}. Each block
 * node has a set, and its member an open(2), of its own: qemu finds double use of an image by locks, which belong to the
 * open file.
 *
 * @param set its number, from 1
 * @param path as the definition or a header names it, absolute; the same file may be in several sets, by several names
 * @param access exactly this one, for qemu takes no member that can do more; for writing alone, the file exists, and qemu
 *     truncates it, or sets O_APPEND, by what it is for
 * @param direct whether it is opened with O_DIRECT. qemu takes no other member (since 9.1)
 */
public record DescriptorSet(int set, HostPath path, Access access, boolean direct) {
    /** The name by which qemu opens it, in ASCII. */
    public String name() {
        return "/dev/fdset/" + set;
    }

    /** The sets of one command line while it is being rewritten, and which files go into them. */
    record Sets(Predicate<HostPath> passed, List<DescriptorSet> all) {
        boolean isPassed(HostPath file) {
            return passed.test(file);
        }

        DescriptorSet add(HostPath file, Access how, boolean past) {
            DescriptorSet set = new DescriptorSet(all.size() + 1, file, how, past);
            all.add(set);
            return set;
        }
    }
}
