package labeler.guard.place;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.journal.GuardRecord;
import labeler.linux.HostPath;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The guarded sockets of a VM at all their places, made anew or as an earlier service has left them. */
final class PlacedSockets {
    private static final Logger LOG = LoggerFactory.getLogger(PlacedSockets.class);

    private final GuardRecord guard;
    private final KeptSockets kept;
    private final GuardMeans means;

    PlacedSockets(GuardRecord guard, GuardMeans means) {
        this.guard = guard;
        this.kept = means.monitors().kept(guard.vm());
        this.means = means;
    }

    /**
     * Listens at each place.
     *
     * @throws IOException where it cannot; none is left then
     */
    List<GuardedSocket> open() throws IOException {
        List<GuardedSocket> sockets = new ArrayList<>();
        boolean isComplete = false;
        try {
            for (int i = 0; i < guard.places().size(); i++) {
                sockets.add(open(i));
            }
            isComplete = true;
            return sockets;
        } finally {
            if (!isComplete) {
                sockets.forEach(GuardedSocket::remove);
            }
        }
    }

    /** Goes on listening. A place that cannot be had again is one that clients do without. */
    List<GuardedSocket> takeOver() {
        List<GuardedSocket> sockets = new ArrayList<>();
        for (int i = 0; i < guard.places().size(); i++) {
            try {
                Optional<GuardedSocket> left = left(i);
                sockets.add(left.isPresent() ? left.get() : open(i));
            } catch (IOException e) {
                LOG.error(
                        "VM {}: clients cannot connect at {}: {}",
                        guard.vm(),
                        guard.places().get(i),
                        e.getMessage());
            }
        }
        return sockets;
    }

    private Path place(int index) {
        return guard.places().get(index).jdkPath();
    }

    /** Where a socket says to the next service what its file is. */
    private Path identity(int index) {
        return means.monitors().directory(guard.vm()).resolve("place-" + index);
    }

    private GuardedSocket open(int index) throws IOException {
        GuardedSocket socket = GuardedSocket.open(
                means.monitors().directory(guard.vm()),
                place(index),
                guard.owner(),
                means.rules().group());
        Files.writeString(identity(index), socket.identity(), StandardCharsets.UTF_8);
        kept.keepPlace(index, socket.channel());
        return socket.kept(() -> kept.dropPlace(index));
    }

    private Optional<GuardedSocket> left(int index) throws IOException {
        Optional<ServerSocketChannel> channel = kept.place(index);
        if (channel.isEmpty()) {
            return Optional.empty();
        }
        Optional<GuardedSocket> left = Optional.empty();
        try {
            left = Files.exists(identity(index))
                    ? GuardedSocket.left(place(index), channel.get(), Files.readString(identity(index)))
                    : Optional.empty();
            return left.map(socket -> socket.kept(() -> kept.dropPlace(index)));
        } finally {
            if (left.isEmpty()) {
                LOG.warn("VM {}: another file is at {}", guard.vm(), HostPath.of(place(index)));
                channel.get().close();
            }
        }
    }
}
