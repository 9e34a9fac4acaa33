package labeler.fileset.device;

import java.nio.file.Path;
import labeler.linux.HostPath;

/**
 * The places in which the kernel shows devices.
 *
 * @param sysfs with a directory for each device
 * @param nodes with the kernel's own node for each device (devtmpfs)
 */
public record DeviceTree(Path sysfs, HostPath nodes) {
    public static final DeviceTree OF_HOST = new DeviceTree(Path.of("/sys"), HostPath.of("/dev"));

    HostPath node(String name) {
        return HostPath.of(nodes + "/" + name);
    }
}
