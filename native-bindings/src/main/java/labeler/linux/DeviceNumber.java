package labeler.linux;

/** Numbers of devices and file systems, as {@code st_dev} has them. */
public final class DeviceNumber {
    private DeviceNumber() {}

    /** The C library's dev_t of a device's two numbers (makedev(3)). */
    public static long of(int major, int minor) {
        long high = Integer.toUnsignedLong(major);
        long low = Integer.toUnsignedLong(minor);
        return (high & 0xfffff000L) << 32 | (high & 0xfff) << 8 | (low & 0xffffff00L) << 12 | (low & 0xff);
    }
}
