package labeler.linux;

/**
 * A process id in this process's pid namespace.
 *
 * @param value 1 to 4,194,304 ({@code PID_MAX_LIMIT} of a 64-bit kernel)
 */
public record Pid(int value) {
    public static final int MAXIMUM = 1 << 22;

    public Pid {
        if (value < 1 || value > MAXIMUM) {
            throw new IllegalArgumentException("not a process id: " + value);
        }
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
