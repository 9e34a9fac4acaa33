package labeler.qmp;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import labeler.linux.UnixSockets;

/** A monitor that disks join and leave by. */
final class QmpConnection implements Monitor {
    /** The longest id of a device. No device was ever added with a longer one. */
    private static final int LONGEST_ID = 128;

    /** The limit for one whole connection: a qemu that is slow with each answer delays nobody for longer. */
    private static final Duration LONGEST_DIALOGUE = Duration.ofMinutes(3);

    /** Events kept of devices that left while nobody waited; more than a VM has devices. */
    private static final int MOST_EVENTS = 4096;

    private final SocketChannel channel;
    private final Duration patience;
    private final UnixSockets sockets;
    private final QmpDialogue dialogue;
    private final Set<String> gone = new HashSet<>();
    private final Set<String> refusedByGuest = new HashSet<>();

    /**
     * Takes over a connected, non-blocking channel.
     *
     * @param name the socket's name, for messages
     */
    QmpConnection(SocketChannel channel, UnixSockets sockets, String name, Duration patience) throws IOException {
        this.channel = channel;
        this.patience = patience;
        this.sockets = sockets;
        this.dialogue = new QmpDialogue(channel, name, patience, LONGEST_DIALOGUE, this::take);
    }

    /** Reads the greeting and negotiates. Before that qemu takes no command. */
    Answer negotiate() {
        return dialogue.negotiate(patience);
    }

    @Override
    public Answer execute(String command, JsonObject arguments) {
        return dialogue.execute(command, arguments);
    }

    @Override
    public Answer addDescriptor(Descriptor descriptor, String opaque) {
        // One descriptor a message: qemu closes all others.
        return dialogue.ask(
                "add-fd",
                Json.object().put("opaque", opaque).build(),
                (bytes, _) -> sockets.send(channel, bytes, List.of(descriptor)));
    }

    private void take(QmpMessage.Event event) {
        Optional<String> device = event.data().text("device").filter(id -> id.length() <= LONGEST_ID);
        if (device.isEmpty() || gone.size() + refusedByGuest.size() >= MOST_EVENTS) {
            return;
        }
        if (event.name().equals("DEVICE_DELETED")) {
            gone.add(device.get());
        } else if (event.name().equals("DEVICE_UNPLUG_GUEST_ERROR")) {
            refusedByGuest.add(device.get());
        }
    }

    @Override
    public UnplugResult awaitUnplugged(String device, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            if (dialogue.broken().isPresent()) {
                return new UnplugResult.Broken(dialogue.broken().get());
            }
            if (gone.remove(device)) {
                return new UnplugResult.Gone();
            }
            if (refusedByGuest.remove(device)) {
                return new UnplugResult.GuestRefused();
            }
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            if (!dialogue.listen(left) && dialogue.broken().isEmpty()) {
                return new UnplugResult.NotInTime();
            }
        }
    }

    @Override
    public void close() {
        dialogue.close();
    }
}
