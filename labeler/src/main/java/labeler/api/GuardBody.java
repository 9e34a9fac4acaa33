package labeler.api;

import java.util.Optional;
import labeler.json.Checked;
import labeler.linux.HostPath;

/**
 * The body of a request for a guard.
 *
 * @param monitor the VM's QMP socket
 */
public record GuardBody(HostPath monitor) implements Checked {
    @Override
    public Optional<String> fault() {
        return AttachBody.monitorFault(Optional.of(monitor));
    }
}
