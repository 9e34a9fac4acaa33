package labeler.api;

import java.util.List;
import java.util.Optional;
import labeler.json.Checked;
import labeler.json.LeftOut;
import labeler.linux.HostPath;

/**
 * The body of an attach. QMP is Unicode, and so is all of it.
 *
 * @param blockdevs what {@code -blockdev} takes
 * @param device what {@code -device} takes
 * @param monitor the socket of the VM's QMP; empty for the one that the service knows
 */
public record AttachBody(
        List<String> blockdevs,
        @LeftOut Optional<String> device,
        @LeftOut Optional<HostPath> monitor) implements Checked {
    public AttachBody {
        blockdevs = List.copyOf(blockdevs);
    }

    @Override
    public Optional<String> fault() {
        return monitorFault(monitor);
    }

    /** What is wrong with the name of a monitor. */
    static Optional<String> monitorFault(Optional<HostPath> monitor) {
        return monitor.filter(path -> !path.isAbsolute() || path.utf8().isEmpty())
                .map(_ -> "\"monitor\" must be an absolute path");
    }
}
