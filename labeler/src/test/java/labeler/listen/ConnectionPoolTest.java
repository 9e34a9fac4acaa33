package labeler.listen;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import labeler.linux.PeerIdentity;
import labeler.linux.UnixSockets;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ConnectionPoolTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    private final UnixSockets sockets = JnaLinux.create().sockets();
    private final List<SocketChannel> clients = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final List<Object> served = new CopyOnWriteArrayList<>();
    private final Path socket;
    private volatile String user = "one";

    ConnectionPoolTest(@TempDir Path directory) {
        this.socket = directory.resolve("socket");
    }

    @AfterEach
    void close() throws IOException {
        over.countDown();
        for (SocketChannel client : clients) {
            client.close();
        }
    }

    @FunctionalInterface
    private interface Serving {
        void serve(SocketChannel channel) throws IOException;
    }

    private ConnectionPool pool(ConnectionPool.Limits limits, Serving serving) throws IOException {
        return ConnectionPool.open(
                "of-a-test",
                ServerSocketChannel.open(StandardProtocolFamily.UNIX),
                socket,
                limits,
                sockets,
                new ConnectionPool.Service() {
                    @Override
                    public Object user(PeerIdentity peer) {
                        if (user.equals("poor")) {
                            user = "one";
                            throw new OutOfMemoryError("as a test wants it");
                        }
                        String whose = user;
                        asked.incrementAndGet();
                        return whose;
                    }

                    @Override
                    public void serve(SocketChannel channel, PeerIdentity peer) throws IOException {
                        serving.serve(channel);
                    }
                });
    }

    private SocketChannel connect() throws IOException {
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        clients.add(client);
        return client;
    }

    private void connect(String whose, int times) throws IOException {
        int before = asked.get();
        user = whose;
        for (int i = 0; i < times; i++) {
            connect();
        }
        eventually(() -> asked.get() == before + times);
    }

    private static int read(SocketChannel client) throws IOException {
        return client.read(ByteBuffer.allocate(1));
    }

    /** Holds its thread until the test is over. */
    private void hold(SocketChannel channel) {
        served.add(channel);
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void greet(SocketChannel channel) throws IOException {
        channel.write(ByteBuffer.wrap(new byte[] {'+'}));
    }

    private long closed() throws IOException {
        long closed = 0;
        for (SocketChannel client : clients) {
            client.configureBlocking(false);
            closed += read(client) < 0 ? 1 : 0;
        }
        return closed;
    }

    @Test
    void more_connections_than_may_be_open_are_closed_at_once() throws IOException {
        try (ConnectionPool _ = pool(new ConnectionPool.Limits(2, 2, 20, 15, LONG), this::hold)) {
            connect("one", 400);
            eventually(() -> closed() == 400 - 15);

            connect("another", 400);
            eventually(() -> closed() == 800 - 20);
        }
    }

    @Test
    void a_user_whose_clients_are_silent_does_not_get_all_threads() throws IOException {
        try (ConnectionPool _ = pool(new ConnectionPool.Limits(3, 2, 100, 100, LONG), this::hold)) {
            connect("one", 50);
            eventually(() -> served.size() == 2);
            user = "another";
            connect();
            eventually(() -> served.size() == 3);
        }
    }

    @Test
    void a_thread_that_is_free_again_serves_the_next() throws IOException {
        try (ConnectionPool _ = pool(new ConnectionPool.Limits(1, 1, 100, 100, LONG), ConnectionPoolTest::greet)) {
            for (int i = 0; i < 300; i++) {
                assertThat(read(connect())).isEqualTo(1);
            }
        }
    }

    @Test
    void who_says_nothing_for_too_long_is_not_waited_for() throws IOException {
        ConnectionPool.Limits limits = new ConnectionPool.Limits(1, 1, 100, 100, Duration.ofMillis(1));
        try (ConnectionPool _ = pool(limits, channel -> sockets.receive(channel, 1))) {
            assertThat(read(connect())).isNegative();
        }
        assertThat(clients).hasSize(1);
    }

    @Test
    void a_lack_of_memory_costs_one_connection() throws IOException {
        user = "poor";
        AtomicInteger served = new AtomicInteger();
        Serving poorAtFirst = channel -> {
            if (served.incrementAndGet() == 1) {
                throw new OutOfMemoryError("as a test wants it");
            }
            greet(channel);
        };
        try (ConnectionPool _ = pool(new ConnectionPool.Limits(1, 1, 100, 100, LONG), poorAtFirst)) {
            assertThat(read(connect())).as("while it is accepted").isNegative();
            assertThat(read(connect())).as("while it is served").isNegative();
            assertThat(read(connect())).isEqualTo(1);
        }
    }

    /** The one thread that serves is there for the next connection as well. */
    @Test
    void a_class_that_is_missing_or_a_stack_that_is_full_costs_one_connection() throws IOException {
        AtomicInteger served = new AtomicInteger();
        Serving brokenAtFirst = channel -> {
            switch (served.incrementAndGet()) {
                case 1 -> throw new NoClassDefFoundError("as a test wants it");
                case 2 -> throw new StackOverflowError("as a test wants it");
                default -> greet(channel);
            }
        };
        try (ConnectionPool _ = pool(new ConnectionPool.Limits(1, 1, 100, 100, LONG), brokenAtFirst)) {
            assertThat(read(connect())).isNegative();
            assertThat(read(connect())).isNegative();
            assertThat(read(connect())).isEqualTo(1);
        }
    }

    @Test
    void what_waits_when_the_service_stops_is_closed() throws IOException {
        ConnectionPool pool = pool(new ConnectionPool.Limits(1, 1, 100, 100, LONG), this::hold);
        connect("one", 3);
        eventually(() -> served.size() == 1);

        pool.close();

        eventually(() -> closed() == 2);
    }
}
