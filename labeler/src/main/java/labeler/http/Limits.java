package labeler.http;

import java.time.Duration;

/**
 * The limits for clients.
 *
 * @param bodySize bytes in a request's body
 * @param headerSize bytes in a request's first line and headers
 * @param idleTime time without a byte sent or received by the client
 * @param requestTime time for a request to arrive in full
 * @param connections connections open at a time; more wait in the kernel's queue
 * @param connectionsOfUser the same for one user other than root and the service's own
 * @param roomTime longest wait of a large body for memory
 * @param stopTime time for requests to end when the service is stopped
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
     * more. Clients are on this host, so a slow client is stuck. A start in progress may wait for a slow disk, but
     * systemd's own patience ends at 30 s.
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
