package labeler.guard.relay;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import labeler.linux.UnixSockets;

/** Makes the relays of all VMs, which share one thread. */
public final class Relays implements AutoCloseable {
    private final EventLoop loop;
    private final UnixSockets sockets;

    /**
     * Begins at once.
     *
     * @throws IOException where there is no descriptor left for it
     */
    public Relays(UnixSockets sockets) throws IOException {
        this.loop = new EventLoop();
        this.sockets = sockets;
    }

    /**
     * Begins to talk to a real monitor.
     *
     * @param qemu connected to it; the relay's from now on
     * @param continuity of its connections over the end of the service
     * @param judges makes the judge of this VM
     * @param ended is told why there is no monitor any more
     */
    public CompletableFuture<MonitorRelay> open(
            SocketChannel qemu, Continuity continuity, Function<Questions, Judge> judges, Consumer<String> ended) {
        CompletableFuture<MonitorRelay> made = new CompletableFuture<>();
        // Here, and not in the loop: to know a VM takes a look at its directories.
        Judge judge = judges.apply(new LaterQuestions(made));
        loop.execute(() -> {
            try {
                made.complete(new MonitorRelay(loop, qemu, sockets, continuity, judge, ended));
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                Channels.close(qemu);
                judge.ended("its monitor is not reached");
                made.completeExceptionally(e);
            }
        });
        return made;
    }

    /** Takes no more commands; done when all are answered that were taken before. */
    public CompletableFuture<?> rest(MonitorRelay relay) {
        loop.execute(relay::rest);
        return relay.rested();
    }

    /** Lets go of all connections of a relay; those that outlive the service stay open. */
    public void letGo(MonitorRelay relay) {
        loop.execute(relay::letGo);
    }

    /** Ends all connections of a relay. */
    public void end(MonitorRelay relay) {
        loop.execute(relay::close);
    }

    @Override
    public void close() throws IOException {
        loop.close();
    }
}
