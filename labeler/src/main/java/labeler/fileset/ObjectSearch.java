package labeler.fileset;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import labeler.fileset.device.DeviceNodes;
import labeler.fileset.device.DiskUses;
import labeler.fileset.device.Standing;
import labeler.linux.Access;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;

/**
 * Finds what is no image: Unix sockets, FIFOs, character devices. Nothing is opened: a socket cannot be, a FIFO would
 * wake whoever waits at its other end, and a device would run its driver.
 */
final class ObjectSearch {
    private static final Set<FileType> SOCKETS = EnumSet.of(FileType.SOCKET);
    private static final Set<FileType> DEVICES = EnumSet.of(FileType.CHARACTER_DEVICE);
    private static final Set<FileType> DEVICES_AND_PIPES = EnumSet.of(FileType.CHARACTER_DEVICE, FileType.FIFO);
    private static final Set<FileType> NONE = EnumSet.noneOf(FileType.class);

    /** The default places of qemu's and Intel's helpers; a helper of one VM listens elsewhere. */
    private static final List<HostPath> SHARED_SOCKETS = List.of(
            HostPath.of("/run/qemu-pr-helper.sock"),
            HostPath.of("/run/qemu-vmsr-helper.sock"),
            HostPath.of("/run/tdx-qgs/qgs.socket"),
            HostPath.of("/run/pcscd/pcscd.comm"));

    /** The host's screens and sound servers, which other programs of the host use as well. */
    private static final Pattern DESKTOP = Pattern.compile(
            "/tmp/\\.X11-unix/X[0-9]+|/run/(user/[0-9]+/|pulse/|pipewire/)?(pulse/)?(native|pipewire-0)");

    private final SafeOpen open;
    private final DeviceNodes nodes;
    private final DiskUses disks;

    ObjectSearch(SafeOpen open, DeviceNodes nodes, DiskUses disks) {
        this.open = open;
        this.nodes = nodes;
        this.disks = disks;
    }

    sealed interface Result {}

    /**
     * It is there.
     *
     * @param leave why it is not labelled, if so
     */
    record Found(OpenedFile file, Optional<String> leave) implements Result {}

    /** It is there, and the VM does not get it. */
    record Refused(String message) implements Result {}

    /** A use of this role has no such object, or the kernel has no device for it. */
    record NotFound() implements Result {}

    Result search(DeclaredUse.FileUse use) {
        OpenRequest request = new OpenRequest(Access.READ_ONLY, types(use.role()), OpenRequest.Links.FOLLOW);
        return switch (open.find(use.path(), request)) {
            case OpenRefusal _ -> new NotFound();
            case OpenedFile file -> {
                Result result = judged(use, file);
                if (!(result instanceof Found)) {
                    file.close();
                }
                yield result;
            }
        };
    }

    private static Set<FileType> types(FileRole role) {
        return switch (role) {
            case SOCKET -> SOCKETS;
            case CHARACTER_DEVICE -> DEVICES_AND_PIPES;
            case HOST_DEVICE, SHARED_DEVICE, RANDOM_SOURCE, MEMORY -> DEVICES;
            case DISK,
                    CDROM,
                    FLOPPY,
                    BACKING,
                    DATA_FILE,
                    EXTENT,
                    PARENT,
                    KERNEL,
                    INITRD,
                    SHIM,
                    DEVICE_TREE,
                    FIRMWARE,
                    NVRAM,
                    ROM,
                    FIRMWARE_CONFIGURATION,
                    ACPI_TABLE,
                    TPM_STATE,
                    LOG,
                    PID_FILE,
                    SECRET,
                    TREE,
                    SAVED_STATE,
                    CONFIGURATION -> NONE;
        };
    }

    private static boolean isShared(HostPath socket) {
        return SHARED_SOCKETS.contains(socket)
                || DESKTOP.matcher(socket.printable()).matches();
    }

    private Result judged(DeclaredUse.FileUse use, OpenedFile file) {
        if (file.status().type() == FileType.SOCKET && isShared(file.realPath())) {
            return new Found(file, Optional.of("a helper of the host, at which it listens for all VMs"));
        }
        if (file.status().type() != FileType.CHARACTER_DEVICE) {
            return new Found(file, Optional.empty());
        }
        return switch (nodes.of(file, disks)) {
            case Standing.OfOneVm() ->
                use.role() == FileRole.SHARED_DEVICE
                        ? new Refused(
                                "is a device of one VM, and " + use.origin() + " uses it as one of many" + wayOut())
                        : new Found(file, Optional.empty());
            case Standing.OfMany(String reason) -> new Found(file, Optional.of(reason));
            case Standing.OfNoVm(String message) -> new Refused(message + " (" + use.origin() + " names it)");
            case Standing.Unknown() -> new NotFound();
        };
    }

    private static String wayOut() {
        return "; leave it out, or list it in launch.devices, for every VM to use";
    }
}
