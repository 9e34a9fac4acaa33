package labeler.guard.emulator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import labeler.linux.Descriptor;
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

    private final UnixSockets sockets;
    private final SocketChannel emulator;

    public MonitorExchange(UnixSockets sockets, SocketChannel emulator) {
        this.sockets = sockets;
        this.emulator = emulator;
    }

    /**
     * libvirt's socket, which the caller closes.
     *
     * @throws IOException if something else comes
     */
    public Descriptor receive() throws IOException {
        UnixSockets.Received received = sockets.receive(emulator, WORD.remaining() + 1);
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
        UnixSockets.Received received = sockets.receive(emulator, DONE.remaining());
        received.descriptors().forEach(Descriptor::close);
        if (!received.payload().equals(DONE)) {
            throw new IOException("it went away before it listened");
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
