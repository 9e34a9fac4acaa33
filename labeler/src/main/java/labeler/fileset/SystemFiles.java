package labeler.fileset;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.vm.FileRole;

/**
 * Files of the system itself, which every process may read and which no VM may have relabelled: firmware code and option
 * ROMs that packages install, and the device nodes that are open to all.
 *
 * @param directories absolute, each with its slash at the end
 * @param devices nodes that the administrator gives to every VM, beside those that are open to all anyway
 */
public record SystemFiles(List<HostPath> directories, List<HostPath> devices) {
    /** Where packages put firmware and ROMs. */
    public static final SystemFiles DEFAULT = new SystemFiles(List.of(HostPath.of("/usr/")), List.of());

    private static final Set<FileRole> ROLES = Set.of(FileRole.FIRMWARE, FileRole.ROM);

    /** World-accessible on every Linux; labelling one for a VM would take it from all others. */
    private static final Set<HostPath> OPEN_DEVICES = Set.of(
            HostPath.of("/dev/null"),
            HostPath.of("/dev/zero"),
            HostPath.of("/dev/full"),
            HostPath.of("/dev/random"),
            HostPath.of("/dev/urandom"),
            HostPath.of("/dev/ptmx"),
            HostPath.of("/dev/kvm"),
            HostPath.of("/dev/vhost-net"),
            HostPath.of("/dev/vhost-vsock"),
            HostPath.of("/dev/net/tun"));

    public SystemFiles {
        directories = List.copyOf(directories);
        devices = List.copyOf(devices);
    }

    /** These, and the nodes of {@code launch.devices}. */
    public SystemFiles withDevices(List<HostPath> more) {
        return new SystemFiles(directories, more);
    }

    Optional<String> reasonToLeave(FileRole role, OpenedFile file) {
        if (!ROLES.contains(role)) {
            return Optional.empty();
        }
        return directories.stream()
                .filter(directory -> isBelow(file.realPath(), directory))
                .findFirst()
                .map(directory -> "belongs to the system (" + directory + "), where every process may read");
    }

    Optional<String> reasonToLeaveDevice(HostPath path) {
        if (OPEN_DEVICES.contains(path)) {
            return Optional.of("a device node that is open to every process");
        }
        return devices.contains(path)
                ? Optional.of("a device node that launch.devices gives to every VM")
                : Optional.empty();
    }

    private static boolean isBelow(HostPath path, HostPath directory) {
        byte[] prefix = directory.bytes();
        byte[] bytes = path.bytes();
        return bytes.length > prefix.length
                && java.util.Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }
}
