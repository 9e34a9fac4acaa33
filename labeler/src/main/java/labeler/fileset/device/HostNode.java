package labeler.fileset.device;

import labeler.linux.HostPath;
import labeler.vm.FileRole;

/**
 * A node that qemu uses for a device.
 *
 * @param needed whether qemu fails without it
 */
public record HostNode(HostPath path, FileRole role, boolean needed) {
    static HostNode ofOneVm(HostPath path) {
        return new HostNode(path, FileRole.HOST_DEVICE, true);
    }

    static HostNode ofMany(HostPath path) {
        return new HostNode(path, FileRole.SHARED_DEVICE, false);
    }

    /** The same, where qemu may do without. */
    HostNode ifThere() {
        return new HostNode(path, role, false);
    }
}
