package labeler.chain;

import java.util.Optional;

/** The image formats whose headers are understood, by qemu's driver names. */
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
    CLOOP("cloop");

    private final String driver;

    ImageFormat(String driver) {
        this.driver = driver;
    }

    /** qemu's name for it, as in {@code -blockdev driver=}; case-sensitive. */
    public String driver() {
        return driver;
    }

    /** The format with exactly this driver name; empty for any other, upper case and protocol drivers included. */
    public static Optional<ImageFormat> ofDriver(String driver) {
        for (ImageFormat format : values()) {
            if (format.driver.equals(driver)) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }
}
