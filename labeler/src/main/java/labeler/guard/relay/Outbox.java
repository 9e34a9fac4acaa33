package labeler.guard.relay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;

/** Bytes that a peer has not read yet. */
final class Outbox {
    private final SocketChannel channel;
    private final Deque<ByteBuffer> waiting = new ArrayDeque<>();
    private long size;

    Outbox(SocketChannel channel) {
        this.channel = channel;
    }

    /** Bytes that wait. */
    long size() {
        return size;
    }

    /** The bytes that wait. */
    byte[] unsent() {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(size));
        waiting.forEach(part -> all.put(part.duplicate()));
        return all.array();
    }

    void add(byte[] bytes) {
        waiting.add(ByteBuffer.wrap(bytes));
        size += bytes.length;
    }

    /** Writes what the peer takes without waiting. */
    void flush() throws IOException {
        while (!waiting.isEmpty()) {
            ByteBuffer first = waiting.getFirst();
            size -= channel.write(first);
            if (first.hasRemaining()) {
                return;
            }
            waiting.removeFirst();
        }
    }
}
