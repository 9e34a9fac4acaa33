package labeler.work;

import java.time.Duration;

/**
 * How long and how many threads wait for file systems.
 *
 * @param slow time after which a call keeps others from its file system until it returns, so that they do not hang as
 *     well
 * @param call time after which nobody waits for a call, and new askers for that file system are told so at once
 * @param workers the number of threads on one file system at a time
 */
public record WaitLimits(Duration slow, Duration call, int workers) {
    /**
     * A disk's spin-up or a file server's failover takes seconds. Clients of the service, such as systemd, wait 30 s.
     * Eight threads keep a fast disk busy, and are a small loss.
     */
    public static final WaitLimits DEFAULT = new WaitLimits(Duration.ofSeconds(2), Duration.ofSeconds(10), 8);

    /**
     * The number of VMs that are looked after at a time when thousands end at once. Each waits for room on its file systems.
     * If all waited together, many would wait longer than for a file system that hangs, and be told that it does.
     */
    public static final int MOST_WAITING = 64;

    /** The time between two looks at a piece of work. */
    long lookMillis() {
        return Math.max(1, slow.toMillis() / 4);
    }
}
