package labeler.guard.relay;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import labeler.guard.relay.Continuity.Guest;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.linux.Descriptor;
import labeler.linux.LinuxException;
import labeler.linux.PeerIdentity;
import labeler.linux.UnixSockets;
import org.jspecify.annotations.Nullable;

/** The monitor of one VM and its clients. For the loop's thread alone, but for {@link #accept}. */
public final class MonitorRelay implements RealMonitor.Listener, Questions {
    /** The most of one VM at once. */
    private static final int MOST_CLIENTS = 64;

    /** After the monitor's end, for the effects of what it answered before. */
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final UnixSockets sockets;
    private final Judge judge;
    private final RealMonitor monitor;
    private final Consumer<String> ended;
    private final RelayRecord record;
    private final Set<ClientConnection> clients = new LinkedHashSet<>();
    private final ClientMemory memory;
    private final ClientCommands commands;
    private final List<Guest> waiting = new ArrayList<>();
    private final CompletableFuture<@Nullable Void> rested = new CompletableFuture<>();

    /** The guard's own questions that are not answered. */
    private final Set<Own> asked = new LinkedHashSet<>();

    private Optional<JsonObject> greeting = Optional.empty();
    private boolean isResting;
    private boolean isLetGo;
    private boolean isEnded;

    /** A question of the guard's own, with the id under which qemu gets it. */
    private static final class Own {
        private final CompletableFuture<Optional<JsonObject>> answer = new CompletableFuture<>();
        private String id = "";
    }

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
        this.memory = new ClientMemory(clients, loop.memory());
        this.record = new RelayRecord(continuity.record(), loop, this::state, this::changed);
        this.monitor = new RealMonitor(loop, qemu, sockets, this);
        this.commands = new ClientCommands(loop, judge, monitor, memory, this);
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
            monitor.resume(earlier.greeting(), earlier.monitor(), commands::resumedAnswer);
            ready(earlier.greeting());
        } else {
            greeting = Optional.of(earlier.greeting());
            commands.lose();
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
        memory.changed();
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
        Runnable served = () -> {
            if (isLetGo) {
                loop.closeLast(channel);
            } else if (isEnded || clients.size() + waiting.size() >= MOST_CLIENTS || loop.isFull()) {
                Channels.end(channel);
            } else if (greeting.isEmpty()) {
                waiting.add(new Guest(channel, peer));
            } else {
                serve(new Guest(channel, peer), greeting.get());
            }
        };
        loop.execute(served, () -> Channels.end(channel));
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
            byte[] line = Arrays.copyOf(raw, raw.length + 1);
            line[raw.length] = '\n';
            List.copyOf(clients).forEach(client -> client.event(line));
        }
    }

    /** A job of the guard's own is no client's. */
    private static boolean isOwn(Json data) {
        return data instanceof JsonObject object && OwnNames.has(object.text("id"));
    }

    @Override
    public OwnQuestion ask(Command command, List<Descriptor> descriptors) {
        Own question = new Own();
        Runnable sent = () -> {
            if (isEnded) {
                descriptors.forEach(Descriptor::close);
                question.answer.complete(Optional.empty());
                return;
            }
            asked.add(question);
            question.id = monitor.send(command, descriptors, (message, _) -> {
                asked.remove(question);
                question.answer.complete(Optional.of(message));
            });
        };
        loop.execute(sent, () -> question.answer.complete(Optional.empty()));
        return new OwnQuestion(question.answer, () -> takenBack(question));
    }

    private CompletableFuture<Boolean> takenBack(Own question) {
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        Runnable taken = () -> {
            boolean isTakenBack = asked.contains(question) && monitor.takeBack(question.id);
            if (isTakenBack) {
                asked.remove(question);
            }
            result.complete(isTakenBack);
        };
        loop.execute(taken, () -> result.complete(false));
        return result;
    }

    @Override
    public void ended(String reason) {
        if (isEnded) {
            return;
        }
        isEnded = true;
        rested.complete(null);
        memory.end();
        judge.ended(reason);
        List.copyOf(asked).forEach(question -> question.answer.complete(Optional.empty()));
        asked.clear();
        if (commands.areSettled()) {
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

    void later(Runnable task, Runnable failed) {
        loop.execute(task, failed);
    }

    void judge(ClientConnection client, Slot slot, Runnable judged, Runnable settled) {
        commands.judge(client, slot, judged, settled);
    }

    /** A client's command that an earlier service has passed on, or answered; the client is told when that is settled. */
    void resume(Slot slot, Runnable settled) {
        commands.resume(slot, settled);
    }

    boolean isEnded() {
        return isEnded;
    }

    /** All clients have the answers that qemu has given. */
    void allSettled() {
        if (isEnded) {
            endClients();
        }
    }
}
