package labeler.linux;

/** A right that a Landlock rule can allow (landlock(7), linux/landlock.h). A right that is not allowed is denied. */
public enum LandlockRight {
    EXECUTE(0, 1, true),
    WRITE_FILE(1, 1, true),
    READ_FILE(2, 1, true),
    READ_DIR(3, 1, false),
    REMOVE_DIR(4, 1, false),
    REMOVE_FILE(5, 1, false),
    MAKE_CHAR(6, 1, false),
    MAKE_DIR(7, 1, false),
    MAKE_REG(8, 1, false),
    MAKE_SOCK(9, 1, false),
    MAKE_FIFO(10, 1, false),
    MAKE_BLOCK(11, 1, false),
    MAKE_SYM(12, 1, false),
    /** Linking or renaming from or to another directory. */
    REFER(13, 2, false),
    TRUNCATE(14, 3, true),
    /** ioctl(2) on devices. */
    IOCTL_DEV(15, 5, true);

    private final int bit;
    private final int version;
    private final boolean ofFiles;

    LandlockRight(int bit, int version, boolean ofFiles) {
        this.bit = bit;
        this.version = version;
        this.ofFiles = ofFiles;
    }

    /** Its bit in {@code landlock_ruleset_attr.handled_access_fs}. */
    public long mask() {
        return 1L << bit;
    }

    /** The first version of Landlock that has it; older kernels do not restrict it. */
    public int version() {
        return version;
    }

    /** Whether a rule on a file other than a directory may allow it. */
    public boolean ofFiles() {
        return ofFiles;
    }
}
