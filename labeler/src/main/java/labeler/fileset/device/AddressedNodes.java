package labeler.fileset.device;

import java.util.List;

/** The nodes behind the address of a device. */
public sealed interface AddressedNodes {
    /** At least one. */
    record Known(List<HostNode> nodes) implements AddressedNodes {
        public Known {
            nodes = List.copyOf(nodes);
        }
    }

    /**
     * The host has no such device, or it is not ready for a VM.
     *
     * @param message the reason, and the way out
     */
    record Unknown(String message) implements AddressedNodes {}
}
