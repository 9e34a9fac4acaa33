package labeler.api;

import java.util.Optional;
import labeler.json.Checked;
import labeler.json.LeftOut;
import labeler.linux.HostPath;

/**
 * The body of a detach.
 *
 * @param disk the name by which it joined
 * @param monitor the socket of the VM's QMP; empty for the one by which the disk came
 */
public record DetachBody(String disk, @LeftOut Optional<HostPath> monitor) implements Checked {
    @Override
    public Optional<String> fault() {
        return AttachBody.monitorFault(monitor);
    }
}
