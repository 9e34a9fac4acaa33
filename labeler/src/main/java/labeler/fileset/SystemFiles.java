package labeler.fileset;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.fileset.device.DeviceTree;
import labeler.fileset.device.HostDevices;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.vm.FileRole;
import labeler.vm.KeyFiles;
import labeler.vm.SharedDevices;

/**
 * Files of the system itself, which every process may read and which no VM may have relabelled: firmware code and
 * option ROMs that packages install, and the device nodes that are open to all.
 *
 * @param devices nodes that the administrator gives to every VM, besides those that are open to all
 * @param tree where the kernel shows all others
 * @param labelsTrees whether the settings let VMs have directory trees
 * @param otherNames by which a directory of the system may be named
 */
public record SystemFiles(List<HostPath> devices, DeviceTree tree, boolean labelsTrees, OtherNames otherNames) {
    public static final SystemFiles DEFAULT = new SystemFiles(List.of(), DeviceTree.OF_HOST, true, OtherNames.NONE);

    /** The directory of firmware and ROMs from packages. */
    private static final String DIRECTORY = "/usr/";

    private static final Set<FileRole> ROLES = Set.of(FileRole.FIRMWARE, FileRole.ROM);

    /** Keys and certificates that libvirt and qemu give to all VMs by default, and that libvirt labels for none. */
    private static final List<String> KEYS = List.of(
            KeyFiles.COMMON_DIRECTORY + "/", "/etc/pki/libvirt-", KeyFiles.CARD_DIRECTORY + "/", KeyFiles.BRAILLE);

    private static final Set<FileRole> KEY_ROLES = Set.of(FileRole.SECRET, FileRole.CONFIGURATION);

    public SystemFiles {
        devices = List.copyOf(devices);
    }

    HostDevices hostDevices(SafeOpen open) {
        return HostDevices.in(tree, open, devices);
    }

    Optional<String> reasonToLeave(FileRole role, OpenedFile file) {
        String name = new String(file.realPath().bytes(), StandardCharsets.ISO_8859_1);
        if (ROLES.contains(role) && name.startsWith(DIRECTORY)) {
            return Optional.of("belongs to the system (" + DIRECTORY + "), where every process may read");
        }
        return KEY_ROLES.contains(role) && KEYS.stream().anyMatch(name::startsWith)
                ? Optional.of("is among the keys that all VMs of this host have; the policy says who may read them")
                : Optional.empty();
    }

    Optional<String> reasonToLeaveDevice(HostPath path) {
        if (SharedDevices.isOpenToAll(path)) {
            return Optional.of("a device node that is open to every process");
        }
        return devices.contains(path)
                ? Optional.of("a device node that launch.devices gives to every VM")
                : Optional.empty();
    }
}
