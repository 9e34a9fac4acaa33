package labeler.server;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.SocketName;
import labeler.linux.UnixSockets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd the state of the service (sd_notify(3)), if systemd asked for it.
 *
 * @param patience the longest time that systemd waits from one {@link #alive} to the next; empty if it waits for ever
 */
record ServiceManager(UnixSockets sockets, Optional<SocketName> socket, Optional<Duration> patience) {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);

    /** The service manager that the environment names. */
    static ServiceManager of(Map<String, String> environment, Pid own, UnixSockets sockets) {
        Optional<String> named = Optional.ofNullable(environment.get("NOTIFY_SOCKET"));
        Optional<SocketName> socket = named.flatMap(SocketName::parse);
        if (named.isPresent() && socket.isEmpty()) {
            LOG.warn("NOTIFY_SOCKET is neither an absolute path nor an abstract name; systemd is told nothing");
        }
        return new ServiceManager(sockets, socket, socket.flatMap(_ -> patience(environment, own)));
    }

    /** sd_watchdog_enabled(3): the time counts for the process named beside it, or for any if none is named. */
    private static Optional<Duration> patience(Map<String, String> environment, Pid own) {
        String process = environment.getOrDefault("WATCHDOG_PID", own.toString());
        String micros = environment.getOrDefault("WATCHDOG_USEC", "0");
        if (!process.equals(own.toString())) {
            return Optional.empty();
        }
        try {
            return Optional.of(Duration.of(Long.parseLong(micros), ChronoUnit.MICROS))
                    .filter(Duration::isPositive);
        } catch (NumberFormatException e) {
            LOG.warn("WATCHDOG_USEC is not a number; systemd's watchdog is not answered");
            return Optional.empty();
        }
    }

    /** Whether systemd asked to be told. */
    boolean isListening() {
        return socket.isPresent();
    }

    void ready() {
        tell("READY=1");
    }

    void alive() {
        tell("WATCHDOG=1");
    }

    void stopping() {
        tell("STOPPING=1");
    }

    /** Tells what the service does now, in one line for people; empty for what it always does. */
    void status(String line) {
        tell("STATUS=" + line);
    }

    private void tell(String state) {
        if (socket.isEmpty()) {
            return;
        }
        try {
            sockets.send(socket.get(), state.getBytes(StandardCharsets.UTF_8));
        } catch (LinuxException e) {
            LOG.warn("systemd is not told {}: {}", state, e.getMessage());
        }
    }
}
