package labeler.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers systemd's watchdog as long as the service answers its clients. It asks over the same socket, and is silent
 * until it has an answer. It has no time limit of its own, since systemd's limit ends the service.
 */
final class Watchdog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    private static final byte[] REQUEST =
            "GET /v1/health HTTP/1.1\r\nHost: labeler\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final String SERVED = "HTTP/1.1 200 ";

    /** As sd_watchdog_enabled(3) recommends. */
    private static final int IN_A_PATIENCE = 2;

    /** After a wrong answer, the service may still give a right one in time. */
    private static final int TRIES_IN_A_PATIENCE = 20;

    private final ServiceManager manager;
    private final SocketAddress service;
    private final Duration patience;
    private final Thread thread;

    private Watchdog(ServiceManager manager, SocketAddress service, Duration patience) {
        this.manager = manager;
        this.service = service;
        this.patience = patience;
        this.thread = Thread.ofPlatform().name("watchdog").daemon().unstarted(this::watch);
    }

    /** Starts to watch the service that listens there. */
    static Watchdog start(ServiceManager manager, SocketAddress service, Duration patience) {
        Watchdog watchdog = new Watchdog(manager, service, patience);
        watchdog.thread.start();
        return watchdog;
    }

    private void watch() {
        try {
            while (true) {
                boolean isServed = isServed();
                if (isServed) {
                    manager.alive();
                }
                Thread.sleep(patience.dividedBy(isServed ? IN_A_PATIENCE : TRIES_IN_A_PATIENCE));
            }
        } catch (InterruptedException | ClosedByInterruptException e) {
            LOG.debug("the watchdog ends with the service");
        }
    }

    private boolean isServed() throws ClosedByInterruptException {
        try {
            String answer = ask();
            if (answer.startsWith(SERVED)) {
                return true;
            }
            LOG.warn(
                    "the service does not answer itself: {}",
                    answer.lines().findFirst().orElse("not a byte"));
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            LOG.warn("the service does not answer itself: {}", e.getMessage());
        }
        return false;
    }

    private String ask() throws IOException {
        try (SocketChannel channel = SocketChannel.open(service);
                InputStream answer = Channels.newInputStream(channel)) {
            ByteBuffer request = ByteBuffer.wrap(REQUEST);
            while (request.hasRemaining()) {
                channel.write(request);
            }
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            answer.transferTo(whole);
            return whole.toString(StandardCharsets.UTF_8);
        }
    }

    /** Ends the watch, even in the middle of a request. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
