package labeler.vm;

import java.util.EnumSet;
import java.util.Set;

/** The role of a file in a VM. */
public enum FileRole {
    DISK("disk"),
    CDROM("cdrom"),
    FLOPPY("floppy"),
    BACKING("backing"),
    DATA_FILE("data-file"),
    EXTENT("extent"),
    PARENT("parent"),
    KERNEL("kernel"),
    INITRD("initrd"),
    SHIM("shim"),
    DEVICE_TREE("dtb"),
    FIRMWARE("firmware"),
    NVRAM("nvram"),
    ROM("rom"),
    FIRMWARE_CONFIGURATION("fw_cfg"),
    ACPI_TABLE("acpi-table"),
    TPM_STATE("tpm-state"),
    MEMORY("memory"),
    CHARACTER_DEVICE("chardev"),
    LOG("log"),
    SOCKET("socket"),
    PID_FILE("pid-file"),
    RANDOM_SOURCE("rng"),
    SECRET("secret"),
    /** A device node of the host that the guest is given. */
    HOST_DEVICE("host-device"),
    /**
     * A device node of the host that other processes use as well: {@code /dev/urandom}, a render node. It is never
     * labelled for one VM: the host would lose it.
     */
    SHARED_DEVICE("shared-device"),
    /** A directory of the host with everything below it. */
    TREE("tree"),
    /** The file from which a saved VM is restored: all of its memory. */
    SAVED_STATE("saved-state"),
    /** Facts that a library in qemu reads about a server, a key, a mapping. */
    CONFIGURATION("configuration");

    /** Roles of files that only one VM may read: another VM would learn its keys or the content of its memory. */
    private static final Set<FileRole> SECRETS = EnumSet.of(SECRET, SAVED_STATE);

    private static final Set<FileRole> IMAGES = EnumSet.of(DISK, CDROM, FLOPPY, BACKING, DATA_FILE, EXTENT, PARENT);

    private static final Set<FileRole> MADE_FOR_ITSELF = EnumSet.of(SOCKET, PID_FILE, CHARACTER_DEVICE);

    private final String word;

    FileRole(String word) {
        this.word = word;
    }

    /** Whether only one VM may hold it, though it only reads it. */
    public boolean isSecret() {
        return SECRETS.contains(this);
    }

    /** Whether it is the file of a block node: qemu may have to open it again for another access. */
    public boolean isImage() {
        return IMAGES.contains(this);
    }

    /** Whether an object that qemu makes in this role is its own: no second qemu may make it at this name. */
    public boolean isMadeForItself() {
        return MADE_FOR_ITSELF.contains(this);
    }

    /** The word for it in JSON and messages. */
    public String word() {
        return word;
    }
}
