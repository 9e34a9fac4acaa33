package labeler.guard.relay;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import labeler.guard.relay.Continuity.Guest;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.linux.Descriptor;
import labeler.linux.LinuxException;
import labeler.linux.PeerIdentity;
import labeler.linux.UnixSockets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The monitor of one VM and its clients. For the loop's thread alone, but for {@link #accept}. */
public final class MonitorRelay implements RealMonitor.Listener, Questions {
    private static final Logger LOG = LoggerFactory.getLogger(MonitorRelay.class);

    /** Of one VM at once. */
    private static final int MOST_CLIENTS = 64;

    /** After the monitor's end, for the effects of what it answered before. */
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

    private static final Refusal FAULT =
            Refusal.generic("labeler S15: the guard cannot judge now; see the service's log, and try again");

    private final EventLoop loop;
    private final UnixSockets sockets;
    private final Judge judge;
    private final RealMonitor monitor;
    private final Consumer<String> ended;
    private final RelayRecord record;
    private final Set<ClientConnection> clients = new LinkedHashSet<>();
    private final List<Guest> waiting = new ArrayList<>();
    private final Map<String, Resumed> resumed = new HashMap<>();
    private final CompletableFuture<@Nullable Void> rested = new CompletableFuture<>();
    private final Map<Long, CompletableFuture<Optional<JsonObject>>> asked = new LinkedHashMap<>();
    private long count;

    /** Answers that qemu has given, and the clients have not got. */
    private int unsettled;

    private Optional<JsonObject> greeting = Optional.empty();
    private boolean isResting;
    private boolean isLetGo;
    private boolean isEnded;

    /** A command that an earlier service has passed on. */
    private record Resumed(Slot slot, Runnable settled) {}

    /**
     * Begins to talk to the real monitor. In the loop's thread.
     *
     * @param qemu connected to the real monitor
     * @param continuity of the connections over the end of the service
     * @param judge of this VM
     * @param ended is told why there is no monitor any more
     */
    MonitorRelay(
            EventLoop loop,
            SocketChannel qemu,
            UnixSockets sockets,
            Continuity continuity,
            Judge judge,
            Consumer<String> ended)
            throws IOException {
        this.loop = loop;
        this.sockets = sockets;
        this.judge = judge;
        this.ended = ended;
        this.record = new RelayRecord(continuity.record(), loop, this::state, this::changed);
        this.monitor = new RealMonitor(loop, qemu, sockets, this);
        changing();
        if (continuity.earlier().isPresent()) {
            resume(continuity.earlier().get(), continuity.clients(), sockets.cookie(qemu));
        }
    }

    /** Goes on where an earlier service stood. Only its connection to qemu brings the answers to its commands. */
    private void resume(RelayState earlier, List<Guest> guests, long socket) throws IOException {
        for (Guest guest : guests) {
            long cookie = sockets.cookie(guest.channel());
            Optional<RelayState.OfClient> known = earlier.clients().stream()
                    .filter(client -> client.socket() == cookie)
                    .findFirst();
            if (known.isPresent()) {
                connection(guest).resume(known.get());
            } else {
                waiting.add(guest);
            }
        }
        if (earlier.monitor().socket() == socket) {
            monitor.resume(earlier.greeting(), earlier.monitor(), this::resumedAnswer);
            ready(earlier.greeting());
        } else {
            greeting = Optional.of(earlier.greeting());
            List.copyOf(resumed.values()).forEach(lost -> {
                lost.slot()
                        .settle(ClientConnection.line(
                                Refusal.LOST.answer(lost.slot().id())));
                lost.settled().run();
            });
        }
    }

    private BiConsumer<JsonObject, byte[]> resumedAnswer(String id) {
        Optional<Resumed> known = Optional.ofNullable(resumed.remove(id));
        return (message, raw) -> known.ifPresent(one -> answered(
                one.slot(),
                new Answer(monitor.idOf(message), message, raw).under(one.slot().id()),
                Optional::empty,
                judge::whenSettled,
                one.settled()));
    }

    /** A client's command that an earlier service has passed on, or answered; the client is told when that is settled. */
    void resume(Slot slot, Runnable settled) {
        if (slot.hasArrived()) {
            judge.whenSettled(() -> loop.execute(() -> {
                slot.settle();
                settled.run();
            }));
        } else {
            slot.asked().ifPresent(id -> resumed.put(id, new Resumed(slot, settled)));
        }
    }

    @Override
    public void changing() {
        if (!isEnded) {
            record.changing();
        }
    }

    /** Where all connections stand; empty if that cannot be told. */
    private Optional<RelayState> state() throws LinuxException {
        Optional<RelayState.OfMonitor> qemu = monitor.state();
        if (qemu.isEmpty() || greeting.isEmpty() || isEnded) {
            return Optional.empty();
        }
        List<RelayState.OfClient> known = new ArrayList<>();
        for (ClientConnection client : clients) {
            Optional<RelayState.OfClient> one = client.state(monitor::isAsked);
            if (one.isEmpty()) {
                return Optional.empty();
            }
            known.add(one.get());
        }
        return Optional.of(new RelayState(greeting.get(), qemu.get(), known));
    }

    private void changed() {
        if (isResting && clients.stream().allMatch(ClientConnection::isQuiet)) {
            rested.complete(null);
        }
    }

    /** Takes no more commands. In the loop's thread. */
    void rest() {
        isResting = true;
        clients.forEach(ClientConnection::update);
        changed();
    }

    boolean isResting() {
        return isResting;
    }

    /** Done when all commands are answered that were taken before the {@link #rest}; for all threads. */
    CompletableFuture<?> rested() {
        return rested;
    }

    /** Lets go of all connections: they go on in the next service, if there is a record. In the loop's thread. */
    void letGo() {
        if (isEnded || !record.isKept()) {
            close();
            return;
        }
        isLetGo = true;
        record.writeAll();
        loop.closeLast(monitor.letGo());
        clients.forEach(client -> loop.closeLast(client.letGo()));
        clients.clear();
        waiting.forEach(client -> loop.closeLast(client.channel()));
        waiting.clear();
        ended("the service stops");
    }

    /** Serves a client, who may be one of many. For all threads. */
    public void accept(SocketChannel channel, PeerIdentity peer) {
        loop.execute(() -> {
            if (isLetGo) {
                loop.closeLast(channel);
            } else if (isEnded || clients.size() + waiting.size() >= MOST_CLIENTS || loop.isFull()) {
                Channels.end(channel);
            } else if (greeting.isEmpty()) {
                waiting.add(new Guest(channel, peer));
            } else {
                serve(new Guest(channel, peer), greeting.get());
            }
        });
    }

    private void serve(Guest client, JsonObject greeted) {
        try {
            connection(client).greet(greeted);
        } catch (IOException e) {
            Channels.end(client.channel());
        }
    }

    private ClientConnection connection(Guest client) throws IOException {
        ClientConnection connection = new ClientConnection(loop, client.channel(), sockets, client.peer(), this);
        clients.add(connection);
        return connection;
    }

    @Override
    public void ready(JsonObject greeted) {
        greeting = Optional.of(greeted);
        waiting.forEach(client -> serve(client, greeted));
        waiting.clear();
    }

    @Override
    public void event(JsonObject event, byte[] raw) {
        Json data = event.get("data").orElse(Json.nothing());
        judge.event(
                event.text("event").orElse(""),
                data instanceof JsonObject object ? object : Json.object().build());
        if (!isOwn(data)) {
            List.copyOf(clients).forEach(client -> client.event(raw));
        }
    }

    /** A job of the guard's own is no client's. */
    private static boolean isOwn(Json data) {
        return data instanceof JsonObject object && OwnNames.has(object.text("id"));
    }

    @Override
    public CompletableFuture<Optional<JsonObject>> ask(Command command, List<Descriptor> descriptors) {
        CompletableFuture<Optional<JsonObject>> answer = new CompletableFuture<>();
        loop.execute(() -> {
            if (isEnded) {
                descriptors.forEach(Descriptor::close);
                answer.complete(Optional.empty());
                return;
            }
            long number = count++;
            asked.put(number, answer);
            monitor.send(command, descriptors, (message, _) -> {
                asked.remove(number);
                answer.complete(Optional.of(message));
            });
        });
        return answer;
    }

    @Override
    public void ended(String reason) {
        if (isEnded) {
            return;
        }
        isEnded = true;
        rested.complete(null);
        judge.ended(reason);
        List.copyOf(asked.values()).forEach(answer -> answer.complete(Optional.empty()));
        asked.clear();
        if (unsettled == 0) {
            endClients();
        } else {
            // As that to quit: it came before the end.
            loop.execute(LAST_ANSWERS, this::endClients);
        }
        waiting.forEach(client -> Channels.end(client.channel()));
        waiting.clear();
        ended.accept(reason);
    }

    private void endClients() {
        List.copyOf(clients).forEach(ClientConnection::end);
    }

    /** Ends all connections. In the loop's thread. */
    void close() {
        monitor.close();
        ended("the guard has ended");
    }

    boolean offers(Json capability) {
        return greeting.filter(message -> message.get("QMP").orElse(Json.nothing()) instanceof JsonObject offer
                        && capability instanceof JsonString
                        && offer.elements("capabilities").contains(capability))
                .isPresent();
    }

    void left(ClientConnection client) {
        clients.remove(client);
    }

    void later(Runnable task) {
        loop.execute(task);
    }

    /**
     * Has a command judged, and does what the verdict says.
     *
     * @param judged is told when the next command of the client may be judged
     * @param settled is told when the answer is there for the client
     */
    void judge(PeerIdentity peer, Slot slot, Runnable judged, Runnable settled) {
        Command command = slot.command();
        List<Descriptor> descriptors = slot.descriptors();
        FirstVerdict first = new FirstVerdict(verdict -> loop.execute(() -> {
            changing();
            decided(slot, verdict, settled);
            judged.run();
        }));
        try {
            judge.judge(peer, command, descriptors, first);
        } catch (RuntimeException e) {
            LOG.error("a fault of the guard: {} is refused", command.name(), e);
            if (!first.isTold()) {
                descriptors.forEach(Descriptor::close);
                first.accept(new Judge.Refuse(FAULT));
            }
        }
    }

    private void decided(Slot slot, Judge.Verdict verdict, Runnable settled) {
        switch (verdict) {
            case Judge.Refuse(Refusal refusal) -> {
                slot.settle(ClientConnection.line(refusal.answer(slot.id())));
                settled.run();
            }
            case Judge.Send(Command _, List<Descriptor> passed, Judge.After _)
            when isEnded -> passed.forEach(Descriptor::close);
            case Judge.Send(Command sent, List<Descriptor> passed, Judge.After after) ->
                slot.ask(monitor.send(
                        sent,
                        passed,
                        (message, raw) -> answered(
                                slot,
                                new Answer(monitor.idOf(message), message, raw).under(slot.id()),
                                () -> judge.shown(sent, message, raw).map(known -> Answer.line(known, slot.id())),
                                done -> after.answered(message, done),
                                settled)));
        }
    }

    /** qemu has answered: the client may see it when its effects are settled. */
    private void answered(
            Slot slot, byte[] answer, Supplier<Optional<byte[]>> shown, Consumer<Runnable> after, Runnable settled) {
        unsettled++;
        slot.arrive(answer);
        AtomicBoolean isShown = new AtomicBoolean();
        after.accept(() -> {
            if (!isShown.getAndSet(true)) {
                loop.execute(() -> {
                    changing();
                    shown.get().ifPresent(slot::arrive);
                    slot.settle();
                    settled.run();
                    settled();
                });
            }
        });
    }

    private void settled() {
        unsettled--;
        if (isEnded && unsettled == 0) {
            endClients();
        }
    }
}
