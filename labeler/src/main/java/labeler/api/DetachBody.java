package labeler.api;

import java.util.Optional;
import labeler.json.Checked;
import labeler.json.LeftOut;
import labeler.linux.HostPath;

/**
 * The body of a detach.
 *
 * @param disk the name that the attach answered
 * @param monitor the VM's QMP socket; empty for the one that attached the disk
 */
public record DetachBody(String disk, @LeftOut Optional<HostPath> monitor) implements Checked {
    @Override
    public Optional<String> fault() {
        return AttachBody.monitorFault(monitor);
    }
}
