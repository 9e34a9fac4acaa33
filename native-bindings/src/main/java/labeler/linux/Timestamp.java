package labeler.linux;

/**
 * A time as the kernel gives it.
 *
 * @param seconds since 1970-01-01T00:00:00Z
 * @param nanoseconds 0 to 999,999,999
 */
public record Timestamp(long seconds, int nanoseconds) {}
