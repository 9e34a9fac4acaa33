package labeler.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import labeler.http.RequestRefusal.Reason;
import labeler.linux.PeerIdentity;
import labeler.listen.PeerRules;
import org.apache.commons.io.IOUtils;
import org.apache.commons.io.input.BoundedInputStream;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.IdleTimeout;
import org.eclipse.jetty.server.Request;

/**
 * Reads the bodies of requests. A small body is read at once, since connections are few enough. A larger one waits for
 * its part of two memories. A slow client holds the first while its body arrives. The second is for the parsed body,
 * and is held only until the answer.
 */
final class Bodies {
    /** A definition of dozens of disks. All connections together take a few megabytes of such bodies. */
    private static final int SMALL = 32 << 10;

    /** How many of the largest bodies are read at a time: of users who may end the service anyway, and of others. */
    private static final int LARGEST_AT_ONCE = 2;

    /** Bytes in memory for each byte of a body: its text, and the parsed values. */
    private static final int MADE_OF_A_BYTE = 8;

    /** A body that is too large is still read up to here, so that its sender can read the refusal. */
    private static final long MAXIMUM_DISCARDED = 64L << 20;

    private final Limits limits;
    private final PeerRules rules;
    /** Free bytes, given out in the order of requests. */
    private final Semaphore ofOwners;

    private final Semaphore ofOthers;
    private final Semaphore made;

    Bodies(Limits limits, PeerRules rules) {
        this.limits = limits;
        this.rules = rules;
        int largest = Math.max(SMALL, limits.bodySize());
        this.ofOwners = new Semaphore(largest * LARGEST_AT_ONCE, true);
        this.ofOthers = new Semaphore(largest * LARGEST_AT_ONCE, true);
        this.made = new Semaphore(largest * MADE_OF_A_BYTE, true);
    }

    /** The result of a read. */
    sealed interface Body {}

    /** The whole body. To be closed after the answer, which frees its part of the memories. */
    static final class Whole implements Body, AutoCloseable {
        private final byte[] bytes;
        private final Runnable giveBack;

        Whole(byte[] bytes, Runnable giveBack) {
            this.bytes = bytes;
            this.giveBack = giveBack;
        }

        /** Not to be changed. */
        byte[] bytes() {
            return bytes;
        }

        @Override
        public void close() {
            giveBack.run();
        }
    }

    /** The body is too large, or no memory became free while it waited. */
    record NotRead(HttpAnswer refusal) implements Body {}

    /** Reads a body. A refused client gets its answer only after it has sent the rest, which is discarded. */
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
        long announced = request.getLength() < 0 ? limits.bodySize() : request.getLength();
        if (Math.max(announced, begin.length) > limits.bodySize()) {
            return tooLarge();
        }
        int most = (int) announced;
        Semaphore reading = rules.isOwner(peer) ? ofOwners : ofOthers;
        if (!acquire(request, reading, most)) {
            return noRoom();
        }
        boolean isKept = false;
        try {
            byte[] whole = Arrays.copyOf(begin, most);
            int length = begin.length + in.readNBytes(whole, begin.length, most - begin.length);
            if (in.read() >= 0) {
                return tooLarge();
            }
            if (!acquire(request, made, most * MADE_OF_A_BYTE)) {
                return noRoom();
            }
            isKept = true;
            return new Whole(length == most ? whole : Arrays.copyOf(whole, length), () -> {
                made.release(most * MADE_OF_A_BYTE);
                reading.release(most);
            });
        } finally {
            if (!isKept) {
                reading.release(most);
            }
        }
    }

    private NotRead tooLarge() {
        return new NotRead(
                HttpAnswer.refusal(Reason.TOO_LARGE, "the body is larger than " + limits.bodySize() + " bytes"));
    }

    private static NotRead noRoom() {
        return new NotRead(HttpAnswer.busy("other large requests take all memory that there is for them; ask again"));
    }

    /**
     * Waits until this many bytes are free. The client is not to blame for the idle socket meanwhile.
     *
     * @return false if they did not become free in time
     */
    private boolean acquire(Request request, Semaphore memory, int bytes) {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        endPoint.setIdleTimeout(0);
        try {
            return memory.tryAcquire(bytes, limits.roomTime().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            if (endPoint instanceof IdleTimeout idle) {
                // Otherwise all of the wait would count, and the client would be dropped at once.
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
