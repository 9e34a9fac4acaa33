package labeler.work;

import java.time.Duration;

/**
 * How long file systems are waited for, and by how many.
 *
 * @param slow a call that takes longer keeps others from the same file system until it returns, so that they do not hang
 *     as well
 * @param call a call that takes longer is waited for no more, and whoever wants that file system is told so at once
 * @param workers on one file system at a time
 */
public record Patience(Duration slow, Duration call, int workers) {
    /**
     * A disk that was spun down, or a file server's failover, takes seconds; and clients of the service's, systemd among
     * them, wait 30 s. Eight threads keep a fast disk busy, and are few to lose.
     */
    public static final Patience DEFAULT = new Patience(Duration.ofSeconds(2), Duration.ofSeconds(10), 8);

    /** Between two looks at a piece of work. */
    long lookMillis() {
        return Math.max(1, slow.toMillis() / 4);
    }
}
