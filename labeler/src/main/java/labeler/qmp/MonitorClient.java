package labeler.qmp;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import org.apache.commons.io.IOUtils;

/**
 * A connection of a person's command to a monitor, mostly a guarded one. It lasts as long as a job, and tells of the
 * events of jobs. For one thread at a time.
 */
public final class MonitorClient implements AutoCloseable {
    /** The guard labels files before it answers, and a file system may be slow. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** The greeting comes at once, unless another client has the only place. */
    private static final Duration GREETING_PATIENCE = Duration.ofSeconds(10);

    /** A copy of a large disk at a low speed takes days. */
    private static final Duration LONGEST_JOB = Duration.ofDays(365);

    /** Events that wait while a command is asked; a job has about ten. */
    private static final int MOST_EVENTS = 4096;

    private final QmpDialogue dialogue;
    private final Deque<Heard.Event> waiting;

    private MonitorClient(QmpDialogue dialogue, Deque<Heard.Event> waiting) {
        this.dialogue = dialogue;
        this.waiting = waiting;
    }

    /** The result of an open. */
    public sealed interface Opening {}

    public record Open(MonitorClient monitor) implements Opening {}

    /**
     * Nobody listens there, or this user may not connect, or it is no monitor.
     *
     * @param message one line, with the way out
     */
    public record NotOpen(String message) implements Opening {}

    /** The result of listening. */
    public sealed interface Heard {
        /** An event of a job. */
        record Event(String name, JsonObject data) implements Heard {}

        /** Nothing in time. */
        record Silence() implements Heard {}

        /**
         * The connection cannot be used any more.
         *
         * @param message one line
         */
        record Ended(String message) implements Heard {}
    }

    public static Opening open(HostPath socket) {
        SocketChannel channel;
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (IOException e) {
            return new NotOpen(socket + ": no socket can be made (" + e.getMessage() + ")");
        }
        boolean isOpen = false;
        try {
            Opening opening = open(channel, socket);
            isOpen = opening instanceof Open;
            return opening;
        } catch (SocketException e) {
            return new NotOpen(reason(socket, String.valueOf(e.getMessage())));
        } catch (IOException | IllegalArgumentException | UnsupportedOperationException e) {
            return new NotOpen(socket + ": no monitor can be reached (" + e.getMessage() + ")");
        } finally {
            if (!isOpen) {
                IOUtils.closeQuietly(channel);
            }
        }
    }

    private static String reason(HostPath socket, String message) {
        if (message.contains("Permission denied")) {
            return "not permitted to use " + socket + ": run as root, as the VM's owner or as a member of the service's"
                    + " group";
        }
        return Files.exists(socket.jdkPath())
                ? "nobody listens on " + socket + "; does the VM run?"
                : "there is no " + socket + "; labeler status shows the monitors of VMs that run";
    }

    private static Opening open(SocketChannel channel, HostPath socket) throws IOException {
        channel.connect(UnixDomainSocketAddress.of(socket.jdkPath()));
        channel.configureBlocking(false);
        Deque<Heard.Event> waiting = new ArrayDeque<>();
        QmpDialogue dialogue =
                new QmpDialogue(channel, socket.printable(), PATIENCE, LONGEST_JOB, event -> keep(waiting, event));
        return switch (dialogue.negotiate(GREETING_PATIENCE)) {
            case Answer.Done _ -> new Open(new MonitorClient(dialogue, waiting));
            case Answer.Refused(String _, String description) -> new NotOpen(socket + ": " + description);
            case Answer.Broken(String message) ->
                new NotOpen(message + "; qemu's own monitors serve one client at a time, the guard serves many");
        };
    }

    private static void keep(Deque<Heard.Event> waiting, QmpMessage.Event event) {
        boolean isOfJobs = event.name().startsWith("JOB_") || event.name().startsWith("BLOCK_JOB_");
        if (isOfJobs && waiting.size() < MOST_EVENTS) {
            waiting.add(new Heard.Event(event.name(), event.data()));
        }
    }

    public Answer execute(String command, JsonObject arguments) {
        return dialogue.execute(command, arguments);
    }

    /** The next event. It may have come before. */
    public Heard listen(Duration limit) {
        if (waiting.isEmpty()) {
            boolean _ = dialogue.listen(limit);
        }
        Optional<Heard.Event> next = Optional.ofNullable(waiting.poll());
        if (next.isPresent()) {
            return next.get();
        }
        return dialogue.broken().<Heard>map(Heard.Ended::new).orElseGet(Heard.Silence::new);
    }

    @Override
    public void close() {
        dialogue.close();
    }
}
