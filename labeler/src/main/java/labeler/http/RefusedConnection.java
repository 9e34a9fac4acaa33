package labeler.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * A connection of somebody who may not use the service, or not once more: answers so whatever is asked, and takes in what arrives
 * without a look at it, since a socket closed with something unread would take the answer away from a client that is
 * still sending.
 */
final class RefusedConnection extends AbstractConnection {
    /** A refused client is given this long to read its answer. */
    private static final long PATIENCE_MILLIS = 2_000;

    /** Enough for a request with a small domain XML; whoever sends more loses the answer. */
    private static final int MAXIMUM_DISCARDED = 256 << 10;

    private static final int BUFFER_SIZE = 16 << 10;

    private final ByteBuffer head;
    private final ByteBuffer body;
    private final ByteBuffer discarded = BufferUtil.allocate(BUFFER_SIZE);
    private int total;

    RefusedConnection(EndPoint endPoint, Executor executor, HttpAnswer refusal) {
        super(endPoint, executor);
        String head = "HTTP/1.1 " + refusal.status() + " " + HttpStatus.getMessage(refusal.status())
                + "\r\nContent-Type: " + refusal.contentType() + "\r\nContent-Length: " + refusal.body().length
                + "\r\nConnection: close\r\n\r\n";
        this.head = ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII));
        this.body = ByteBuffer.wrap(refusal.body());
    }

    @Override
    public void onOpen() {
        super.onOpen();
        getEndPoint().setIdleTimeout(PATIENCE_MILLIS);
        getEndPoint().write(Callback.from(this::answered, _ -> close()), head, body);
    }

    private void answered() {
        getEndPoint().shutdownOutput();
        fillInterested();
    }

    @Override
    public void onFillable() {
        try {
            while (true) {
                BufferUtil.clear(discarded);
                int filled = getEndPoint().fill(discarded);
                if (filled == 0) {
                    fillInterested();
                    return;
                }
                total += Math.max(filled, 0);
                if (filled < 0 || total > MAXIMUM_DISCARDED) {
                    close();
                    return;
                }
            }
        } catch (IOException e) {
            // The peer has gone, which is what is waited for.
            close();
        }
    }

    @Override
    public boolean onIdleExpired(TimeoutException timeout) {
        close();
        return false;
    }
}
