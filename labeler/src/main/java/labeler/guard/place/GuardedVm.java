package labeler.guard.place;

import java.io.IOException;
import java.net.BindException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import labeler.guard.relay.Continuity;
import labeler.guard.relay.MonitorRelay;
import labeler.journal.GuardRecord;
import labeler.journal.VmRecord;
import labeler.linux.LinuxException;
import labeler.linux.PeerIdentity;
import labeler.qmp.Monitor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One guarded VM: keeps a connection to its real monitor for as long as its process lives, and lets clients in. One
 * virtual thread waits for the monitor and one at each socket.
 */
final class GuardedVm {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedVm.class);

    /** The time between two attempts at first: a launcher becomes qemu within a second. */
    private static final long SHORTEST_PAUSE_MILLIS = 10;

    /** A launcher that waits for a slow file system, or a qemu that does not come to listen. */
    private static final long LONGEST_PAUSE_MILLIS = 500;

    private final VmRecord vm;
    private final GuardRecord guard;
    private final List<GuardedSocket> places;
    private final Optional<KeptConnections> kept;
    private final GuardMeans means;
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile boolean isRemoved;
    private volatile CompletableFuture<Reached> reached = new CompletableFuture<>();

    /** A monitor that answers. */
    private record Reached(MonitorRelay relay, WatchedJudge judge) {}

    /** @param kept the connections that outlive the service; empty where all end with it */
    GuardedVm(
            VmRecord vm,
            GuardRecord guard,
            List<GuardedSocket> places,
            Optional<KeptConnections> kept,
            GuardMeans means) {
        this.vm = vm;
        this.guard = guard;
        this.places = List.copyOf(places);
        this.kept = kept;
        this.means = means;
    }

    GuardRecord guard() {
        return guard;
    }

    /** From now on clients are served, as soon as the monitor is reached. */
    void begin() {
        Thread.ofVirtual().name("guard " + vm.name()).start(this::keep);
        places.forEach(
                place -> Thread.ofVirtual().name("guarded " + place.place()).start(() -> serve(place)));
    }

    /** A connection for the service itself; empty if the monitor is not reached in time. */
    Optional<Monitor> monitor(Duration patience) {
        try {
            Reached now = reached.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return Optional.of(new GuardedMonitor(now.relay(), now.judge()));
        } catch (TimeoutException | ExecutionException | CancellationException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Waits until the judge has settled what qemu tells now. Without a monitor, or after this time, it is given up. */
    void awaitSettled(Duration patience) {
        CompletableFuture<Boolean> settled = new CompletableFuture<>();
        try {
            WatchedJudge judge =
                    reached.get(patience.toMillis(), TimeUnit.MILLISECONDS).judge();
            judge.changed();
            judge.whenSettled(() -> settled.complete(true));
            boolean _ = settled.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException | CancellationException e) {
            LOG.info("VM {}: its guard does not settle now: {}", vm.name(), String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it with the VM. */
    void remove() {
        isRemoved = true;
        places.forEach(GuardedSocket::remove);
        end().ifPresent(relay -> means.relays().end(relay));
        kept.ifPresent(KeptConnections::remove);
    }

    /** Takes no more commands on connections that outlive the service; done when all before are answered. */
    CompletableFuture<?> rest() {
        CompletableFuture<Reached> last = reached;
        return kept.isEmpty() || !last.isDone() || last.isCompletedExceptionally()
                ? CompletableFuture.completedFuture(Optional.empty())
                : means.relays().rest(last.join().relay());
    }

    /** Ends it with the service; the names of its sockets stay, and what outlives the service. */
    void close() {
        places.forEach(GuardedSocket::close);
        end().ifPresent(relay -> means.relays().letGo(relay));
    }

    /** The relay that is there now. */
    private Optional<MonitorRelay> end() {
        end.countDown();
        CompletableFuture<Reached> last = reached;
        return last.cancel(false) || last.isCompletedExceptionally()
                ? Optional.empty()
                : Optional.of(last.join().relay());
    }

    private boolean isEnded() {
        return end.getCount() == 0;
    }

    /** Whether the guard has ended within this time. */
    private boolean endsWithin(long millis) {
        try {
            return end.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void keep() {
        long pause = SHORTEST_PAUSE_MILLIS;
        boolean isTold = false;
        while (!isEnded() && isAlive()) {
            try {
                SocketChannel qemu = connect();
                pause = SHORTEST_PAUSE_MILLIS;
                isTold = false;
                String reason = relay(qemu);
                if (!isEnded()) {
                    LOG.info("VM {}: its monitor is not reached any more: {}", vm.name(), reason);
                }
            } catch (BindException e) {
                // This is the JDK's name for EACCES, also at a connect. It does not pass by itself, as the others do.
                if (!isTold) {
                    LOG.warn(
                            "VM {}: its monitor {} may not be reached ({}), so clients of the guard wait; if SELinux"
                                    + " denies it, run: labeler policy install",
                            vm.name(),
                            means.monitors().socket(vm.name()),
                            e.getMessage());
                }
                isTold = true;
            } catch (IOException e) {
                // Nobody listens yet, mostly.
                LOG.debug("VM {}: its monitor is not reached yet", vm.name(), e);
            } catch (CompletionException e) {
                LOG.error("VM {}: its monitor cannot be guarded", vm.name(), e);
            }
            if (endsWithin(pause)) {
                return;
            }
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
        if (!isEnded()) {
            // The name alone would have a client wait for nothing.
            places.forEach(GuardedSocket::remove);
            reached.cancel(false);
        }
    }

    /** To qemu: as an earlier service has left it, or anew. */
    private SocketChannel connect() throws IOException {
        Optional<SocketChannel> left = kept.flatMap(KeptConnections::left);
        if (left.isPresent() && means.monitors().isOfVm(left.get(), vm)) {
            return left.get();
        }
        left.ifPresent(KeptConnections::end);
        SocketChannel qemu = means.monitors().connect(vm);
        kept.ifPresent(connections -> connections.reached(qemu));
        return qemu;
    }

    private boolean isAlive() {
        try {
            return vm.process().isPresent()
                    && means.linux()
                            .processes()
                            .identify(vm.process().get().pid())
                            .equals(vm.process());
        } catch (LinuxException e) {
            LOG.warn("VM {}: whether its process lives cannot be told: {}", vm.name(), e.getMessage());
            return true;
        }
    }

    /** Serves until the monitor ends; answers why it did. */
    private String relay(SocketChannel qemu) {
        CompletableFuture<String> ended = new CompletableFuture<>();
        CompletableFuture<WatchedJudge> watched = new CompletableFuture<>();
        MonitorRelay relay = means.relays()
                .open(
                        qemu,
                        kept.map(connections -> connections.continuity(this::admitted))
                                .orElseGet(Continuity::none),
                        questions -> {
                            WatchedJudge judge = new WatchedJudge(means.judges().of(vm.name(), questions));
                            watched.complete(judge);
                            return judge;
                        },
                        ended::complete)
                .join();
        if (!reached.complete(new Reached(relay, watched.join()))) {
            if (isRemoved) {
                means.relays().end(relay);
            } else {
                means.relays().letGo(relay);
            }
        }
        String reason = ended.join();
        if (!isEnded()) {
            reached = new CompletableFuture<>();
        }
        return reason;
    }

    private void serve(GuardedSocket place) {
        while (!isEnded()) {
            try {
                admit(place.accept());
            } catch (AsynchronousCloseException e) {
                return;
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("{}: {}", place.place(), e.getMessage());
                if (endsWithin(LONGEST_PAUSE_MILLIS)) {
                    return;
                }
            }
        }
    }

    private boolean isRefused(PeerIdentity peer) {
        Optional<String> refusal = means.rules().refusal(peer, vm, guard.owner());
        refusal.ifPresent(reason -> LOG.warn("VM {}: a client of its monitor is refused: {}", vm.name(), reason));
        return refusal.isPresent();
    }

    /** A client that an earlier service had; empty if it is not let in. */
    private Optional<Continuity.Guest> admitted(SocketChannel client) {
        try {
            PeerIdentity peer = means.linux().sockets().peer(client);
            if (!isRefused(peer)) {
                return Optional.of(new Continuity.Guest(client, peer));
            }
        } catch (LinuxException e) {
            LOG.warn("VM {}: a client of its monitor is not known: {}", vm.name(), e.getMessage());
        }
        KeptConnections.end(client);
        return Optional.empty();
    }

    private void admit(SocketChannel client) throws IOException {
        boolean isAdmitted = false;
        try {
            PeerIdentity peer = means.linux().sockets().peer(client);
            if (isRefused(peer)) {
                return;
            }
            kept.ifPresent(connections -> connections.accepted(client));
            reached.join().relay().accept(client, peer);
            isAdmitted = true;
        } catch (CancellationException | CompletionException e) {
            LOG.debug("VM {}: a client came after its end", vm.name(), e);
        } finally {
            if (!isAdmitted) {
                client.close();
            }
        }
    }
}
