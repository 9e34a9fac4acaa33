package labeler.http;

import java.time.Duration;

/**
 * How much a client may ask for.
 *
 * @param bodySize bytes of a request's body
 * @param headerSize bytes of a request's first line and headers
 * @param idleTime without a byte of a request, or without taking a byte of its answer
 * @param requestTime for a request to arrive in full
 * @param connections open at a time; more wait in the kernel's queue
 * @param connectionsOfUser the same of one user who is neither root nor the service's own
 * @param roomTime for a large body to wait until there is memory for it
 * @param stopTime for requests to end when the service is stopped
 */
public record Limits(
        int bodySize,
        int headerSize,
        Duration idleTime,
        Duration requestTime,
        int connections,
        int connectionsOfUser,
        Duration roomTime,
        Duration stopTime) {
    /**
     * The largest domain XML known has 400 KiB (hundreds of disks). Headers hold a VM name, percent-encoded, and little
     * more. Clients are on this host, so what is slow is stuck. A start in progress may wait for a slow
     * disk, but systemd's own patience ends at 30 s.
     */
    public static final Limits DEFAULT = new Limits(
            4 << 20,
            16 << 10,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            256,
            64,
            Duration.ofSeconds(8),
            Duration.ofSeconds(20));
}
