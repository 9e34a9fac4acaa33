package labeler.journal;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;

/**
 * A disk that joined a running VM, with all facts that are needed to remove it again.
 *
 * @param name of its device, or of its uppermost node if it has no device; unique within the VM
 * @param device its id in qemu
 * @param nodes names of the block nodes that were added for it, in that order
 * @param monitor the socket of the VM's QMP
 */
public record DiskRecord(String name, Optional<String> device, List<String> nodes, HostPath monitor) {
    public DiskRecord {
        nodes = List.copyOf(nodes);
    }
}
