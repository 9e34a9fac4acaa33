package labeler.fileset.device;

import java.util.List;
import labeler.linux.HostPath;

/** The nodes behind the address of a device. */
public sealed interface AddressedNodes {
    /** At least one. */
    record Known(List<HostNode> nodes) implements AddressedNodes {
        public Known {
            nodes = List.copyOf(nodes);
        }
    }

    /**
     * The kernel makes the node when the device is taken from the host, at the VM's start.
     *
     * @param reason in words, for the plan
     */
    record Later(HostPath node, String reason) implements AddressedNodes {}

    /**
     * The host has no such device, or it is not ready for a VM.
     *
     * @param message the reason, and the way out
     */
    record Unknown(String message) implements AddressedNodes {}
}
