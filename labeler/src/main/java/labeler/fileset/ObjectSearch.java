package labeler.fileset;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import labeler.fileset.device.DeviceNodes;
import labeler.fileset.device.DiskUses;
import labeler.fileset.device.Standing;
import labeler.linux.Access;
import labeler.linux.FileType;
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
record ObjectSearch(SafeOpen open, DeviceNodes nodes, DiskUses disks) {
    private static final Set<FileType> SOCKETS = EnumSet.of(FileType.SOCKET);
    private static final Set<FileType> DEVICES = EnumSet.of(FileType.CHARACTER_DEVICE);
    private static final Set<FileType> DEVICES_AND_PIPES = EnumSet.of(FileType.CHARACTER_DEVICE, FileType.FIFO);
    private static final Set<FileType> NONE = EnumSet.noneOf(FileType.class);

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
            case OpenedFile file -> kept(use, file);
        };
    }

    private Result kept(DeclaredUse.FileUse use, OpenedFile file) {
        boolean isKept = false;
        try {
            Result result = judged(use, file);
            isKept = result instanceof Found;
            return result;
        } finally {
            if (!isKept) {
                file.close();
            }
        }
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

    private Result judged(DeclaredUse.FileUse use, OpenedFile file) {
        if (file.status().type() != FileType.CHARACTER_DEVICE) {
            return HostSockets.refusal(file.realPath())
                    .<Result>map(reason -> new Refused(reason + " (" + use.origin() + " names it)"))
                    .orElseGet(() -> new Found(file, HostSockets.reasonToLeave(file.realPath())));
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
