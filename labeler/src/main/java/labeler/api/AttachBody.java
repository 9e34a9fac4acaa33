package labeler.api;

import java.util.List;
import java.util.Optional;
import labeler.json.Checked;
import labeler.json.LeftOut;
import labeler.linux.HostPath;

/**
 * The body of an attach. All text is Unicode, because QMP is.
 *
 * @param blockdevs arguments of {@code -blockdev}
 * @param device argument of {@code -device}
 * @param monitor the VM's QMP socket; empty for the one that the service knows
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

    /** The fault in the name of a monitor, if any. */
    static Optional<String> monitorFault(Optional<HostPath> monitor) {
        return monitor.filter(path -> !path.isAbsolute() || path.utf8().isEmpty())
                .map(_ -> "\"monitor\" must be an absolute path");
    }
}
