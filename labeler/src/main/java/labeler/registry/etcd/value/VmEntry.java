package labeler.registry.etcd.value;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import labeler.registry.ClaimId;
import labeler.registry.SharedFile;
import labeler.selinux.CategoryPair;

/**
 * A VM, at {@code vms/HOST/VM}. A recovery finds everything of a host through these.
 *
 * @param files that the host holds for it
 * @param restoring files that went back when it left; some may be settled since
 */
public record VmEntry(
        ClaimId claim,
        Optional<UUID> uuid,
        CategoryPair pair,
        String boot,
        Set<SharedFile> files,
        Set<SharedFile> restoring) {
    public VmEntry {
        files = Set.copyOf(files);
        restoring = Set.copyOf(restoring);
    }

    /** With more files, in a later claim. */
    public VmEntry with(ClaimId id, Collection<SharedFile> more) {
        Set<SharedFile> all = new HashSet<>(files);
        all.addAll(more);
        Set<SharedFile> left = new HashSet<>(restoring);
        left.removeAll(more);
        return new VmEntry(id, uuid, pair, boot, all, left);
    }

    /** Without these files, some of which go back. */
    public VmEntry without(Collection<SharedFile> gone, Collection<SharedFile> goingBack) {
        Set<SharedFile> left = new HashSet<>(files);
        left.removeAll(gone);
        Set<SharedFile> back = new HashSet<>(restoring);
        back.addAll(goingBack);
        return new VmEntry(claim, uuid, pair, boot, left, back);
    }

    /** With the files of another VM that had the pair before. */
    public VmEntry and(Optional<VmEntry> other) {
        return other.map(before -> without(List.of(), before.all())).orElse(this);
    }

    /** All files by which something of it may be found. */
    public List<SharedFile> all() {
        Set<SharedFile> all = new HashSet<>(files);
        all.addAll(restoring);
        return all.stream().sorted().toList();
    }
}
