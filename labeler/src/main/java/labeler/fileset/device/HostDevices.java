package labeler.fileset.device;

import java.util.List;
import labeler.linux.HostPath;
import labeler.linux.SafeOpen;

/** The devices of the host: by their nodes, and by their addresses. */
public record HostDevices(DeviceNodes nodes, DeviceAddresses addresses) {
    /**
     * Devices in this tree.
     *
     * @param configured nodes that the settings give to every VM
     */
    public static HostDevices in(DeviceTree tree, SafeOpen open, List<HostPath> configured) {
        return new HostDevices(new DeviceNodes(open, tree, configured), new DeviceAddresses(tree));
    }
}
