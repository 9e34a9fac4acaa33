package labeler.vm.qemu.handover;

import java.util.List;
import java.util.function.Predicate;
import labeler.json.LeftOut;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.vm.SetName;

/**
 * A file that qemu gets as the only member of a set of descriptors, and knows as {@code /dev/fdset/NUMBER}. Each block
 * node has its own set, whose member has its own open(2). qemu detects double use of an image by locks, which belong to
 * the open file.
 *
 * @param set its number, from 1
 * @param path as the definition or a header names it, absolute; the same file may be in several sets, by several names
 * @param access exactly this one, since qemu takes no member that can do more; for writing alone, the file exists, and
 *     qemu truncates it or sets O_APPEND, depending on its use
 * @param direct whether it is opened with O_DIRECT; qemu takes no other member (since 9.1)
 * @param copied whether qemu gets a copy in memory: it opens the file by a name once more, which Landlock forbids for the
 *     file itself
 */
public record DescriptorSet(
        int set,
        HostPath path,
        Access access,
        boolean direct,
        @LeftOut boolean copied) {
    public DescriptorSet(int set, HostPath path, Access access, boolean direct) {
        this(set, path, access, direct, false);
    }

    /** The name by which qemu opens it, in ASCII. */
    public String name() {
        return new SetName(set).toString();
    }

    /** The sets of one command line while it is being rewritten, and the choice of files that go into them. */
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
