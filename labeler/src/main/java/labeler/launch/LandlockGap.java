package labeler.launch;

import java.util.Arrays;
import java.util.List;

/**
 * Actions that an older Landlock does not restrict, so that a ruleset leaves them open. Linking and renaming to another
 * directory is not among them: Landlock denies it before version 2, which can allow it (landlock(7)).
 */
public enum LandlockGap {
    TRUNCATE(3, "6.2", "a file that it may not open it can truncate"),
    DEVICE_IOCTL(5, "6.10", "ioctl(2) on a device node is restricted no further than opening it");

    private final int closedBy;
    private final String linux;
    private final String what;

    LandlockGap(int closedBy, String linux, String what) {
        this.closedBy = closedBy;
        this.linux = linux;
        this.what = what;
    }

    /**
     * The gaps of a version.
     *
     * @param version of the kernel's Landlock, 1 or more
     */
    public static List<LandlockGap> of(int version) {
        return Arrays.stream(values()).filter(gap -> version < gap.closedBy).toList();
    }

    /** The gap and the version that closes it, for people. */
    public String text() {
        return what + " (Linux " + linux + " denies that)";
    }
}
