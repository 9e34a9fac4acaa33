package labeler.launch;

import java.util.Arrays;
import java.util.List;

/**
 * What an older Landlock does not restrict, so that a ruleset leaves it open. Linking and renaming to another directory
 * is none of these: before version 2, which can allow it, it is denied (landlock(7)).
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
     * What is left open.
     *
     * @param version that the kernel offers, 1 or more
     */
    public static List<LandlockGap> of(int version) {
        return Arrays.stream(values()).filter(gap -> version < gap.closedBy).toList();
    }

    /** For people, and what closes it. */
    public String text() {
        return what + " (Linux " + linux + " denies that)";
    }
}
