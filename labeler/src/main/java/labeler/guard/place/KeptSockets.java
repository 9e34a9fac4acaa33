package labeler.guard.place;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.linux.Descriptor;
import labeler.linux.UnixSockets;
import labeler.listen.DescriptorStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets of one guarded VM that outlive the service, under names of the VM's own.
 *
 * @param directory of the VM, whose name is no other VM's
 */
record KeptSockets(DescriptorStore store, UnixSockets sockets, Path directory) {
    private static final Logger LOG = LoggerFactory.getLogger(KeptSockets.class);

    private static final String PLACE = "place-";
    private static final String CLIENT = "client";
    private static final String QEMU = "qemu";

    private String name(String what) {
        return DescriptorStore.PREFIX + directory.getFileName() + "." + what;
    }

    /** Keeps the socket of a place, the one and only. */
    void keepPlace(int index, ServerSocketChannel channel) {
        dropPlace(index);
        store.keep(name(PLACE + index), channel);
    }

    void dropPlace(int index) {
        store.drop(name(PLACE + index));
    }

    /** The socket of a place, if an earlier service has left it; for the first who asks. */
    Optional<ServerSocketChannel> place(int index) {
        return take(PLACE + index, descriptor -> sockets.accepting(descriptor, free())).stream()
                .findFirst();
    }

    /** Keeps the connection of a client for as long as it lasts. */
    void keepClient(SocketChannel channel) {
        store.keep(name(CLIENT), channel);
    }

    /** The clients that an earlier service had. */
    List<SocketChannel> clients() {
        return take(CLIENT, descriptor -> sockets.connected(descriptor, free()));
    }

    /** Keeps the connection to qemu, the one and only. */
    void keepQemu(SocketChannel channel) {
        store.drop(name(QEMU));
        store.keep(name(QEMU), channel);
    }

    /** The connection that an earlier service had to qemu. */
    Optional<SocketChannel> qemu() {
        return take(QEMU, descriptor -> sockets.connected(descriptor, free())).stream()
                .findFirst();
    }

    void dropConnections() {
        store.drop(name(CLIENT));
        store.drop(name(QEMU));
    }

    private Path free() {
        return directory.resolve("new");
    }

    @FunctionalInterface
    private interface Adoption<T> {
        T adopt(Descriptor descriptor) throws IOException;
    }

    private <T> List<T> take(String what, Adoption<T> adoption) {
        List<T> taken = new ArrayList<>();
        for (Descriptor descriptor : store.take(name(what))) {
            try (descriptor) {
                taken.add(adoption.adopt(descriptor));
            } catch (IOException e) {
                LOG.warn("{}: what systemd has kept cannot be used: {}", name(what), e.getMessage());
            }
        }
        return taken;
    }
}
