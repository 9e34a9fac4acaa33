package labeler.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import labeler.linux.PeerIdentity;
import labeler.listen.PeerRules;
import org.apache.commons.io.IOUtils;
import org.apache.commons.io.input.BoundedInputStream;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.IdleTimeout;
import org.eclipse.jetty.server.Request;

/**
 * Reads the bodies of requests. A small one needs nobody's leave: connections are few enough. A larger one waits for its
 * part of two memories: the one for what is being read, which a slow client keeps for as long as it is let, and the one
 * for what is made of it, which is kept for no longer than that takes.
 */
final class Bodies {
    /** A definition of dozens of disks; so much of each connection is no more than a few megabytes of all. */
    private static final int SMALL = 32 << 10;

    /** How many of the largest bodies are read at a time: of those that may end the service anyway, and of others. */
    private static final int LARGEST_AT_ONCE = 2;

    /** The text of a body, and what is made of it, for each of its bytes. */
    private static final int MADE_OF_A_BYTE = 8;

    /** What is too large is still taken in, up to here, so that its sender gets to read why it is refused. */
    private static final long MAXIMUM_DISCARDED = 64L << 20;

    private final Limits limits;
    private final PeerRules rules;
    private final MemoryBudget ofOwners;
    private final MemoryBudget ofOthers;
    private final MemoryBudget made;

    Bodies(Limits limits, PeerRules rules) {
        this.limits = limits;
        this.rules = rules;
        int largest = Math.max(SMALL, limits.bodySize());
        this.ofOwners = new MemoryBudget(largest * LARGEST_AT_ONCE);
        this.ofOthers = new MemoryBudget(largest * LARGEST_AT_ONCE);
        this.made = new MemoryBudget(largest * MADE_OF_A_BYTE);
    }

    /** What came of reading. */
    sealed interface Body {}

    /** All of it. Closed when it is answered, it gives back what it takes of the memories. */
    static final class Whole implements Body, AutoCloseable {
        private final byte[] bytes;
        private final MemoryBudget.Share share;

        Whole(byte[] bytes, MemoryBudget.Share share) {
            this.bytes = bytes;
            this.share = share;
        }

        /** Not to be changed. */
        byte[] bytes() {
            return bytes;
        }

        @Override
        public void close() {
            share.close();
        }
    }

    record TooLarge() implements Body {}

    /** There is no memory for it, and was none while it waited. */
    record NoRoom() implements Body {}

    /** A client hears that it is refused only once it has sent the rest, which is let go by. */
    Body read(Request request, PeerIdentity peer) throws IOException {
        try (InputStream in = first(MAXIMUM_DISCARDED, Content.Source.asInputStream(request))) {
            byte[] begin = IOUtils.toByteArray(first(SMALL, in));
            Body body = begin.length < SMALL && begin.length <= limits.bodySize()
                    ? new Whole(begin, () -> {})
                    : large(begin, in, request, peer);
            if (!(body instanceof Whole)) {
                IOUtils.consume(in);
            }
            return body;
        }
    }

    private Body large(byte[] begin, InputStream in, Request request, PeerIdentity peer) throws IOException {
        long most = request.getLength() < 0 ? limits.bodySize() : request.getLength();
        if (Math.max(most, begin.length) > limits.bodySize()) {
            return new TooLarge();
        }
        Optional<MemoryBudget.Share> read = waiting(request, rules.isOwner(peer) ? ofOwners : ofOthers, (int) most);
        if (read.isEmpty()) {
            return new NoRoom();
        }
        boolean isKept = false;
        try {
            byte[] rest = IOUtils.toByteArray(first(most - begin.length + 1, in));
            if (begin.length + rest.length > most) {
                return new TooLarge();
            }
            byte[] whole = Arrays.copyOf(begin, begin.length + rest.length);
            System.arraycopy(rest, 0, whole, begin.length, rest.length);
            Optional<MemoryBudget.Share> share = waiting(request, made, (int) most * MADE_OF_A_BYTE);
            if (share.isEmpty()) {
                return new NoRoom();
            }
            isKept = true;
            return new Whole(whole, () -> {
                share.get().close();
                read.get().close();
            });
        } finally {
            if (!isKept) {
                read.get().close();
            }
        }
    }

    /** While it waits nothing moves on the socket, and that is no fault of the client's. */
    private Optional<MemoryBudget.Share> waiting(Request request, MemoryBudget budget, int bytes) {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        endPoint.setIdleTimeout(0);
        try {
            return budget.take(bytes, limits.roomTime());
        } finally {
            if (endPoint instanceof IdleTimeout idle) {
                // Or all of the wait would count, and the client be let go at once.
                idle.notIdle();
            }
            endPoint.setIdleTimeout(limits.idleTime().toMillis());
        }
    }

    private static InputStream first(long bytes, InputStream in) throws IOException {
        return BoundedInputStream.builder()
                .setInputStream(in)
                .setMaxCount(bytes)
                .get();
    }
}
