package labeler.guard.relay;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import labeler.guard.QmpClient;
import labeler.guard.RealQemu;
import labeler.linux.UnixSockets;
import labeler.linux.jna.JnaLinux;

/** A real qemu, a relay before one of its monitors, and clients of either. */
public final class RelayedQemu implements AutoCloseable {
    /** Seconds. A loop that has ended takes no task, and a test that waits for it should fail and not hang. */
    private static final long PATIENCE = 60;

    private final UnixSockets sockets;
    private final EventLoop loop = new EventLoop();
    private boolean isClosed;
    private final RealQemu qemu;
    private final Path guarded;
    private final ServerSocketChannel listening;
    private final List<QmpClient> clients = new ArrayList<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private final Optional<MonitorTap> tap;
    private volatile MonitorRelay relay;

    RelayedQemu(Path directory, Judge judge) throws IOException {
        this(directory, List.of("-M", "none"), _ -> judge);
    }

    /** @param sockets from which the relay receives */
    RelayedQemu(Path directory, Judge judge, UnixSockets sockets) throws IOException {
        this(directory, List.of("-M", "none"), _ -> judge, sockets);
    }

    /**
     * Starts both.
     *
     * @param arguments of qemu
     */
    public RelayedQemu(Path directory, List<String> arguments, Function<Questions, Judge> judges) throws IOException {
        this(directory, arguments, judges, JnaLinux.create().sockets());
    }

    private RelayedQemu(Path directory, List<String> arguments, Function<Questions, Judge> judges, UnixSockets sockets)
            throws IOException {
        this(directory, arguments, judges, sockets, Optional.empty());
    }

    /**
     * The same, and somebody looks at each command before qemu has it.
     *
     * @param watcher may ask qemu at its third monitor
     */
    public static RelayedQemu watched(
            Path directory, List<String> arguments, Function<Questions, Judge> judges, MonitorTap.Watcher watcher)
            throws IOException {
        return new RelayedQemu(directory, arguments, judges, JnaLinux.create().sockets(), Optional.of(watcher));
    }

    private RelayedQemu(
            Path directory,
            List<String> arguments,
            Function<Questions, Judge> judges,
            UnixSockets sockets,
            Optional<MonitorTap.Watcher> watcher)
            throws IOException {
        this.sockets = sockets;
        qemu = new RealQemu(directory, arguments);
        guarded = directory.resolve("guarded");
        listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(guarded));
        qemu.client(qemu.monitor()).close();
        tap = watcher.isPresent()
                ? Optional.of(new MonitorTap(directory.resolve("tap"), qemu, sockets, watcher.get()))
                : Optional.empty();
        relay = relay(judges);
        Thread.ofVirtual().start(this::accept);
    }

    private MonitorRelay relay(Function<Questions, Judge> judges) throws IOException {
        SocketChannel monitor = SocketChannel.open(
                UnixDomainSocketAddress.of(tap.isPresent() ? tap.get().place() : qemu.monitor()));
        CompletableFuture<MonitorRelay> made = new CompletableFuture<>();
        Judge judge = judges.apply(new LaterQuestions(made));
        loop.execute(() -> {
            try {
                made.complete(new MonitorRelay(loop, monitor, sockets, Continuity.none(), judge, end::complete));
            } catch (IOException e) {
                made.completeExceptionally(e);
            }
        });
        return made.orTimeout(PATIENCE, TimeUnit.SECONDS).join();
    }

    /** The relay ends with its clients, as it does when its service is killed. */
    public void unguarded() {
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        loop.execute(() -> {
            relay.close();
            ended.complete(true);
        });
        ended.orTimeout(PATIENCE, TimeUnit.SECONDS).join();
    }

    /** The same, and another takes its place. */
    public void again(Function<Questions, Judge> judges) throws IOException {
        unguarded();
        relay = relay(judges);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = listening.accept();
                relay.accept(client, sockets.peer(client));
            }
        } catch (IOException e) {
            // The test has ended.
        }
    }

    /** What stands between the relay and qemu, if somebody looks. */
    public Optional<MonitorTap> tap() {
        return tap;
    }

    /** The process of qemu. */
    public Process process() {
        return qemu.process();
    }

    /** Why the relay has ended, once it has. */
    public String end() {
        return end.join();
    }

    /** The socket of the relay. */
    public Path guarded() {
        return guarded;
    }

    /** A new client of the relay. */
    public QmpClient guardedClient() throws IOException {
        return client(guarded);
    }

    /** A new client of another monitor of the same qemu. */
    public QmpClient directClient() throws IOException {
        return client(qemu.otherMonitor());
    }

    private QmpClient client(Path socket) throws IOException {
        QmpClient client = qemu.client(socket);
        clients.add(client);
        return client;
    }

    @Override
    public void close() throws IOException {
        if (isClosed) {
            // A flow ends its qemu by itself, and its bed does so again: the loop takes nothing any more.
            return;
        }
        isClosed = true;
        for (QmpClient client : clients) {
            client.close();
        }
        listening.close();
        if (tap.isPresent()) {
            tap.get().close();
        }
        qemu.close();
        // Its judge's thread ends with it. A thousand qemus, one after the other, would fill the memory.
        unguarded();
        loop.close();
    }
}
