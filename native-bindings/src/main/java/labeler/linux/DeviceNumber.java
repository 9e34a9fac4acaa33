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

    /** The first of the two, as major(3). */
    public static int major(long device) {
        return (int) ((device >>> 32 & 0xfffff000L) | (device >>> 8 & 0xfff));
    }

    /** The second, as minor(3). */
    public static int minor(long device) {
        return (int) ((device >>> 12 & 0xffffff00L) | (device & 0xff));
    }
}
