package labeler.explain;

import java.util.List;
import labeler.fileset.FileUse;

/**
 * The way in which libvirt's own SELinux driver treats a file in some use, as of libvirt 11.3: its sources
 * (security_selinux.c), and what it was seen to do.
 */
final class LibvirtHabits {
    private LibvirtHabits() {}

    /**
     * In words, for the strongest of these uses; empty for none.
     *
     * @param isForAll whether the file's label is that of no single VM
     */
    static String of(List<FileUse> uses, boolean isForAll) {
        if (isForAll && uses.stream().anyMatch(FileUse::isWriting)) {
            return "gives it a label that every VM may write, and leaves that there at the end";
        }
        return uses.stream()
                .sorted((one, other) -> Boolean.compare(other.isWriting(), one.isWriting()))
                .findFirst()
                .map(LibvirtHabits::of)
                .orElse("");
    }

    private static String of(FileUse use) {
        return switch (use.role()) {
            case DISK, CDROM, FLOPPY, NVRAM, DATA_FILE ->
                use.isWriting()
                        ? "gives it the VM's own label, and the label from before back at the end"
                        : "gives it the label that every VM may read, and leaves that there at the end";
            case BACKING -> "gives it the label that every VM may read, and leaves that there at the end";
            case EXTENT, PARENT ->
                "does not find it: it reads no such reference in a header, so qemu is denied the file";
            case KERNEL, INITRD, SHIM, DEVICE_TREE, FIRMWARE_CONFIGURATION, ACPI_TABLE ->
                "gives it the label that every VM may read, and the label from before back at the end";
            case HOST_DEVICE, CHARACTER_DEVICE, MEMORY ->
                "gives it the VM's own label, and the label from before back at the end";
            case SOCKET -> "gives it the VM's own label if qemu connects to it, and none if qemu makes it";
            case SAVED_STATE -> "gives it the label that every VM may read, and leaves that there";
            case TPM_STATE -> "gives it the VM's own label, for swtpm";
            case FIRMWARE, ROM, LOG, PID_FILE, RANDOM_SOURCE, SECRET, SHARED_DEVICE, TREE, CONFIGURATION ->
                "leaves its label as it is";
        };
    }
}
