package labeler.guard.record;

/**
 * The bounds of the log on disk and in memory.
 *
 * @param fileSize bytes of a file; the next line begins a new one
 * @param files their number; the oldest is removed
 * @param queued bytes of entries that wait for the disk; the next one is lost
 */
public record LogSize(long fileSize, int files, long queued) {
    /**
     * 128 MiB on disk, about 400,000 lines: months of a busy host, and little on any disk. 16 MiB in memory are some
     * 20,000 entries: enough for a disk that does not answer for seconds.
     */
    public static final LogSize DEFAULT = new LogSize(8 << 20, 16, 16 << 20);
}
