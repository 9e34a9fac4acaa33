package labeler.guard.emulator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import labeler.linux.Descriptor;
import labeler.linux.SocketLimit;
import labeler.linux.UnixSockets;
import labeler.selinux.SecurityContext;

/**
 * The service's side of the dialogue with labeler-emulator, which its source describes:
 *
 * <pre>
 * "listening\n"  with libvirt's socket      →
 *                ←  "+\n" with a bound socket, or "-REASON\n"
 * "+"  it listens there now                 →
 *                ←  "+[CONTEXT]\n", or "-REASON\n"
 * </pre>
 */
public final class MonitorExchange {
    private static final ByteBuffer WORD = ascii("listening\n");
    private static final ByteBuffer DONE = ascii("+");

    /** It answers in milliseconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final UnixSockets sockets;
    private final SocketChannel emulator;
    private final Duration patience;

    public MonitorExchange(UnixSockets sockets, SocketChannel emulator) {
        this(sockets, emulator, PATIENCE);
    }

    MonitorExchange(UnixSockets sockets, SocketChannel emulator, Duration patience) {
        this.sockets = sockets;
        this.patience = patience;
        this.emulator = emulator;
    }

    /**
     * libvirt's socket, which the caller closes.
     *
     * @throws IOException if something else comes
     */
    public Descriptor receive() throws IOException {
        UnixSockets.Received received = received(WORD.remaining() + 1);
        if (received.payload().equals(WORD) && received.descriptors().size() == 1) {
            return received.descriptors().getFirst();
        }
        received.descriptors().forEach(Descriptor::close);
        throw new IOException("no listening socket came");
    }

    /**
     * Gives qemu's socket, and waits until it is listened at.
     *
     * @throws IOException if the other process goes away before
     */
    public void give(Descriptor bound) throws IOException {
        sockets.send(emulator, new byte[] {'+', '\n'}, List.of(bound));
        UnixSockets.Received received = received(DONE.remaining());
        received.descriptors().forEach(Descriptor::close);
        if (!received.payload().equals(DONE)) {
            throw new IOException("it went away before it listened");
        }
    }

    /** Whatever comes next. A process that keeps silent may not keep those of other domains from the service. */
    private UnixSockets.Received received(int most) throws IOException {
        try (SocketLimit limit = SocketLimit.on(emulator, patience)) {
            UnixSockets.Received received = sockets.receive(emulator, most);
            if (limit.isOver()) {
                received.descriptors().forEach(Descriptor::close);
                throw new IOException("it has said nothing for " + patience.toSeconds() + " s");
            }
            return received;
        }
    }

    /** It becomes qemu now. */
    public void finish(Optional<SecurityContext> context) throws IOException {
        say("+" + context.map(SecurityContext::toString).orElse(""));
    }

    /** It ends, with this line as the reason. */
    public void refuse(String reason) throws IOException {
        say("-" + reason);
    }

    private void say(String line) throws IOException {
        sockets.send(emulator, (line + "\n").getBytes(StandardCharsets.UTF_8), List.of());
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();
    }
}
