package labeler.journal;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;

/**
 * A disk that joined a running VM, with all facts that are needed to remove it again.
 *
 * <p>Jobs and snapshots change what is below its device, and the device stays: while qemu has a device of this id, that is
 * the disk.
 *
 * @param name of its device, or of its uppermost node if it has no device; unique within the VM
 * @param device its id in qemu
 * @param nodes names of the block nodes that were added for it, in that order
 * @param monitor the socket of the VM's QMP
 * @param hasJoined whether qemu has said that it has all of it. Until then a device of this id may be another one, and
 *     qemu may not have opened a file yet; not told of a disk that was recorded before this column existed
 */
public record DiskRecord(
        String name, Optional<String> device, List<String> nodes, HostPath monitor, boolean hasJoined) {
    public DiskRecord {
        nodes = List.copyOf(nodes);
    }

    /** A disk of which qemu is about to hear. */
    public DiskRecord(String name, Optional<String> device, List<String> nodes, HostPath monitor) {
        this(name, device, nodes, monitor, false);
    }

    /** Whether it is this disk, whatever is known of it by now. */
    public boolean isSame(DiskRecord other) {
        return joined().equals(other.joined());
    }

    /** The same disk, when qemu has it. */
    public DiskRecord joined() {
        return new DiskRecord(name, device, nodes, monitor, true);
    }
}
