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
            case HOST_DEVICE ->
                "gives it the VM's own label; at the end a VFIO group, an mdev or a TPM gets the policy's, others the"
                        + " one from before";
            case CHARACTER_DEVICE ->
                "gives it the VM's own label, and the label from before back at the end; a file that virtlogd writes"
                        + " keeps its label";
            case MEMORY ->
                "gives it the VM's own label, and the label from before back at the end; shared memory (shmem) keeps its"
                        + " label";
            case SOCKET ->
                "gives it the VM's own label if it is a character device's and is there already; others keep theirs";
            case SAVED_STATE -> "gives it the label that every VM may read, and leaves that there";
            case TPM_STATE -> "gives it the VM's own label, for swtpm";
            case SHARED_DEVICE ->
                "leaves its label as it is; SGX and vhost-scsi are exceptions: their nodes get this VM's own label";
            case FIRMWARE, ROM, LOG, PID_FILE, RANDOM_SOURCE, SECRET, TREE, CONFIGURATION ->
                "leaves its label as it is";
        };
    }
}
