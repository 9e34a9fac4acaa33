package labeler.linux;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The end of a dialogue whose other side keeps silent. When the time is over, the socket is shut down, and not closed:
 * that wakes whoever waits at it, in the JDK or in the kernel, and no call is left with the number of another file.
 */
public final class SocketLimit implements AutoCloseable {
    private final CompletableFuture<Boolean> isOver = new CompletableFuture<>();

    private SocketLimit() {}

    /** Begins to count; {@link #close} ends it. */
    public static SocketLimit on(SocketChannel channel, Duration time) {
        SocketLimit limit = new SocketLimit();
        CompletableFuture<Void> _ = limit.isOver
                .completeOnTimeout(true, time.toMillis(), TimeUnit.MILLISECONDS)
                .thenAccept(over -> {
                    if (over) {
                        shutDown(channel);
                    }
                });
        return limit;
    }

    private static void shutDown(SocketChannel channel) {
        try {
            channel.shutdownInput();
            channel.shutdownOutput();
        } catch (IOException e) {
            // It is closed, or nobody is connected any more (ENOTCONN): then no call waits there either.
        }
    }

    /** Whether the time was over before the dialogue was. */
    public boolean isOver() {
        return isOver.getNow(false);
    }

    @Override
    public void close() {
        isOver.complete(false);
    }
}
