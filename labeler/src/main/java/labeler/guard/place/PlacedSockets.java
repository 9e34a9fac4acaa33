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

    private static final int ROOT = 0;

    private final GuardRecord guard;
    private final List<Numbered> places;
    private final KeptSockets kept;
    private final GuardMeans means;

    PlacedSockets(GuardRecord guard, GuardMeans means) {
        this.guard = guard;
        this.kept = means.monitors().kept(guard.vm());
        this.means = means;
        this.places = new ArrayList<>();
        for (HostPath place : guard.places()) {
            places.add(new Numbered(places.size(), place));
        }
    }

    /** A place with its number, under which the next service finds what is kept of its socket. */
    private record Numbered(int number, HostPath place) {}

    /**
     * Listens at each place.
     *
     * @throws IOException where it cannot; none is left then
     */
    List<GuardedSocket> open() throws IOException {
        List<GuardedSocket> sockets = new ArrayList<>();
        boolean isComplete = false;
        try {
            for (Numbered place : places) {
                sockets.add(open(place));
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
        for (Numbered place : places) {
            try {
                Optional<GuardedSocket> left = left(place);
                sockets.add(left.isPresent() ? left.get() : open(place));
            } catch (IOException e) {
                LOG.error("VM {}: clients cannot connect at {}: {}", guard.vm(), place.place(), e.getMessage());
            }
        }
        return sockets;
    }

    /** Where a socket says to the next service what its file is. */
    private Path identity(Numbered place) {
        return means.monitors().directory(guard.vm()).resolve("place-" + place.number());
    }

    private GuardedSocket open(Numbered place) throws IOException {
        HeldName name = name(place);
        boolean isOpen = false;
        try {
            GuardedSocket socket = GuardedSocket.open(
                    name,
                    means.monitors().directory(guard.vm()),
                    guard.owner(),
                    means.rules().group());
            isOpen = true;
            return keep(place, socket);
        } finally {
            if (!isOpen) {
                name.close();
            }
        }
    }

    private GuardedSocket keep(Numbered place, GuardedSocket socket) throws IOException {
        boolean isKept = false;
        try {
            Files.writeString(identity(place), socket.identity(), StandardCharsets.UTF_8);
            kept.keepPlace(place.number(), socket.channel());
            isKept = true;
            return socket.kept(() -> kept.dropPlace(place.number()));
        } finally {
            if (!isKept) {
                socket.remove();
            }
        }
    }

    private Optional<GuardedSocket> left(Numbered place) throws IOException {
        Optional<ServerSocketChannel> channel = kept.place(place.number());
        if (channel.isEmpty()) {
            return Optional.empty();
        }
        Optional<GuardedSocket> left = Optional.empty();
        try {
            left = Files.exists(identity(place)) ? left(place, channel.get()) : Optional.empty();
            return left.map(socket -> socket.kept(() -> kept.dropPlace(place.number())));
        } finally {
            if (left.isEmpty()) {
                LOG.warn("VM {}: another file is at {}", guard.vm(), place.place());
                channel.get().close();
            }
        }
    }

    private Optional<GuardedSocket> left(Numbered place, ServerSocketChannel channel) throws IOException {
        HeldName name = name(place);
        Optional<GuardedSocket> left = Optional.empty();
        try {
            left = GuardedSocket.left(name, channel, Files.readString(identity(place)));
            return left;
        } finally {
            if (left.isEmpty()) {
                name.close();
            }
        }
    }

    /** The service of an earlier version may have put a place on record that no user but root can have. */
    private HeldName name(Numbered place) throws IOException {
        if (guard.owner() != ROOT && !HeldName.isPlain(place.place())) {
            throw new IOException("it leads through the parent of a directory");
        }
        return HeldName.of(means.linux().open(), place.place());
    }
}
