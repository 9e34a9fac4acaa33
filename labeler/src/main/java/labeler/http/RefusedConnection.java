package labeler.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import labeler.api.Refusal;
import labeler.json.JsonWriter;
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

    private final byte[] answer;
    private final ByteBuffer discarded = BufferUtil.allocate(BUFFER_SIZE);
    private int total;

    RefusedConnection(EndPoint endPoint, Executor executor, Refusal refusal) {
        super(endPoint, executor);
        byte[] body = (JsonWriter.compact(refusal.json()) + "\n").getBytes(StandardCharsets.UTF_8);
        int status = refusal.status().http();
        byte[] head = ("HTTP/1.1 " + status + " " + HttpStatus.getMessage(status)
                        + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length
                        + "\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        answer = ByteBuffer.allocate(head.length + body.length)
                .put(head)
                .put(body)
                .array();
    }

    @Override
    public void onOpen() {
        super.onOpen();
        getEndPoint().setIdleTimeout(PATIENCE_MILLIS);
        getEndPoint().write(Callback.from(this::answered, _ -> close()), ByteBuffer.wrap(answer));
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
