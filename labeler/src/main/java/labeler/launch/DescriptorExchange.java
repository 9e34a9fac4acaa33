package labeler.launch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import labeler.linux.Descriptor;
import labeler.linux.SocketLimit;
import labeler.linux.UnixSockets;

/**
 * The protocol that carries descriptors from the service to a launcher. Each message is a line, "LEFT SET SET…". It
 * gives the number of descriptors that come after this message, and the fdset of each that comes with it. The receiver
 * answers each message with one byte, so that no two messages are read together.
 */
public final class DescriptorExchange {
    /** Below SCM_MAX_FD, 253. A line with so many numbers is still short. */
    private static final int MOST_AT_ONCE = 200;

    /** 200 numbers of up to 10 digits. */
    private static final int LONGEST_LINE = 4096;

    private final UnixSockets sockets;

    public DescriptorExchange(UnixSockets sockets) {
        this.sockets = sockets;
    }

    /**
     * Sends all; the sender still closes them.
     *
     * @param within this time; afterwards nothing more can be sent or received there
     * @throws IOException if the receiver goes away before it has all, or does not take them in that time
     */
    public void send(SocketChannel channel, List<HandedDescriptor> handed, Duration within) throws IOException {
        try (SocketLimit limit = SocketLimit.on(channel, within)) {
            try {
                send(channel, handed);
            } catch (IOException e) {
                throw limit.isOver()
                        ? new IOException(
                                "the launcher has not taken its descriptors in " + within.toSeconds()
                                        + " s; stop it, and start the VM again",
                                e)
                        : e;
            }
        }
    }

    private void send(SocketChannel channel, List<HandedDescriptor> handed) throws IOException {
        int sent = 0;
        do {
            List<HandedDescriptor> some = handed.subList(sent, Math.min(sent + MOST_AT_ONCE, handed.size()));
            sent += some.size();
            StringBuilder line = new StringBuilder().append(handed.size() - sent);
            some.forEach(one -> line.append(' ').append(one.set()));
            byte[] payload = line.append('\n').toString().getBytes(StandardCharsets.US_ASCII);
            sockets.send(
                    channel,
                    payload,
                    some.stream().map(HandedDescriptor::descriptor).toList());
            if (channel.read(ByteBuffer.allocate(1)) != 1) {
                throw new IOException("the launcher went away before it had all descriptors");
            }
        } while (sent < handed.size());
    }

    /**
     * Receives all; the receiver closes them.
     *
     * @throws IOException if they do not all come; none is kept then
     */
    public List<HandedDescriptor> receive(SocketChannel channel) throws IOException {
        List<HandedDescriptor> handed = new ArrayList<>();
        boolean complete = false;
        try {
            int left;
            do {
                left = receiveSome(channel, handed);
                channel.write(ByteBuffer.wrap(new byte[] {'+'}));
            } while (left > 0);
            complete = true;
            return List.copyOf(handed);
        } finally {
            if (!complete) {
                handed.forEach(HandedDescriptor::close);
            }
        }
    }

    private int receiveSome(SocketChannel channel, List<HandedDescriptor> handed) throws IOException {
        UnixSockets.Received received = sockets.receive(channel, LONGEST_LINE);
        List<Descriptor> descriptors = received.descriptors();
        String line = StandardCharsets.US_ASCII.decode(received.payload()).toString();
        String[] numbers = line.strip().split(" ", -1);
        if (!line.matches("[0-9]{1,9}( [0-9]{1,9})*\n") || numbers.length != descriptors.size() + 1) {
            descriptors.forEach(Descriptor::close);
            throw new IOException("the service sent no descriptors");
        }
        for (int i = 0; i < descriptors.size(); i++) {
            handed.add(new HandedDescriptor(Integer.parseInt(numbers[i + 1]), descriptors.get(i)));
        }
        return Integer.parseInt(numbers[0]);
    }
}
