package labeler.chain;

import java.util.Optional;

/** The image formats whose headers are understood, by qemu's driver names; two of them qemu does not have. */
public enum ImageFormat {
    RAW("raw"),
    QCOW2("qcow2"),
    /** Version 1, which has no place for the format of its backing file. */
    QCOW("qcow"),
    QED("qed"),
    VMDK("vmdk"),
    VDI("vdi"),
    /** VHD; qemu calls it by the program that had it first. */
    VPC("vpc"),
    VHDX("vhdx"),
    PARALLELS("parallels"),
    LUKS("luks"),
    DMG("dmg"),
    BOCHS("bochs"),
    CLOOP("cloop"),
    /** User-mode Linux: libvirt's name. qemu had it until 2.1. */
    COW("cow", false),
    /**
     * DiskDescriptor.xml, which lists the files of a Parallels disk; qemu opens one image file of the disk, and not
     * this file.
     */
    PARALLELS_DISK("parallels-disk", false);

    private final String driver;
    private final boolean qemus;

    ImageFormat(String driver) {
        this(driver, true);
    }

    ImageFormat(String driver, boolean qemus) {
        this.driver = driver;
        this.qemus = qemus;
    }

    /**
     * qemu's name for it, as in {@code -blockdev driver=}; case-sensitive. If qemu has none, another program's name or
     * ours.
     */
    public String driver() {
        return driver;
    }

    /**
     * Whether qemu opens such images. The others are read for the files that they name, and are not part of a VM's
     * files.
     */
    public boolean isQemus() {
        return qemus;
    }

    /** The format with exactly this driver name in qemu; empty for any other, upper case and protocols included. */
    public static Optional<ImageFormat> ofDriver(String driver) {
        return ofName(driver).filter(ImageFormat::isQemus);
    }

    /** The format with exactly this name, qemu's or not. */
    public static Optional<ImageFormat> ofName(String name) {
        for (ImageFormat format : values()) {
            if (format.driver.equals(name)) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }
}
