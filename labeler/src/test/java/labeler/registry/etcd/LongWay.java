package labeler.registry.etcd;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A way from the loopback device to a member that can be made longer: what is sent on it arrives later, in each direction. As in
 * a network, it arrives although its sender has given up meanwhile.
 */
final class LongWay implements AutoCloseable {
    private final ServerSocket entrance;
    private final InetSocketAddress member;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService carrier = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicLong delayed = new AtomicLong();
    private volatile Duration delay = Duration.ZERO;

    private LongWay(ServerSocket entrance, InetSocketAddress member) {
        this.entrance = entrance;
        this.member = member;
    }

    static LongWay to(URI member) throws IOException {
        ServerSocket entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        LongWay way = new LongWay(entrance, new InetSocketAddress(member.getHost(), member.getPort()));
        Thread _ = Thread.ofVirtual().start(way::accept);
        return way;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + entrance.getLocalPort());
    }

    /** What is sent from now on takes so long, in each direction. */
    void delay(Duration time) {
        delay = time;
    }

    /** Whether all that was sent has arrived. */
    boolean isEmpty() {
        return underWay.get() == 0;
    }

    /** How many pieces have taken longer than they had to. */
    long delayed() {
        return delayed.get();
    }

    private void accept() {
        while (!entrance.isClosed()) {
            try {
                Socket host = entrance.accept();
                sockets.add(host);
                Socket far = new Socket();
                sockets.add(far);
                far.connect(member);
                Thread _ = Thread.ofVirtual().start(() -> carry(host, far));
                Thread _ = Thread.ofVirtual().start(() -> carry(far, host));
            } catch (IOException e) {
                // The way is closed, or the member is: then its clients see connections without an answer.
            }
        }
    }

    private void carry(Socket from, Socket to) {
        Queue<Step> steps = new ConcurrentLinkedQueue<>();
        byte[] buffer = new byte[1 << 16];
        try {
            InputStream in = from.getInputStream();
            int length = in.read(buffer);
            while (length >= 0) {
                byte[] piece = Arrays.copyOf(buffer, length);
                later(steps, () -> to.getOutputStream().write(piece));
                length = in.read(buffer);
            }
        } catch (IOException e) {
            // The end of a connection, in whatever way.
        }
        later(steps, to::shutdownOutput);
    }

    /** The arrival of a piece. */
    private interface Step {
        void make() throws IOException;
    }

    /** In the order in which they were sent, also if the way has become shorter in between. */
    private void later(Queue<Step> steps, Step step) {
        Duration time = delay;
        underWay.incrementAndGet();
        delayed.addAndGet(time.isZero() ? 0 : 1);
        steps.add(step);
        try {
            ScheduledFuture<?> _ = carrier.schedule(() -> arrive(steps.remove()), time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The way is closed.
        }
    }

    private void arrive(Step step) {
        try {
            step.make();
        } catch (IOException e) {
            // Nobody is there any more.
        } finally {
            underWay.decrementAndGet();
        }
    }

    @Override
    public void close() throws IOException {
        entrance.close();
        carrier.shutdownNow();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
