package labeler.guard.relay;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.JsonWriter;
import labeler.linux.Descriptor;
import labeler.linux.PeerIdentity;
import labeler.linux.UnixSockets;
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
    private final Set<ClientConnection> clients = new LinkedHashSet<>();
    private final List<Client> waiting = new ArrayList<>();
    private final Map<Long, CompletableFuture<Optional<JsonObject>>> asked = new LinkedHashMap<>();
    private long count;

    /** Answers that qemu has given, and the clients have not got. */
    private int unsettled;

    private Optional<JsonObject> greeting = Optional.empty();
    private boolean isEnded;

    /** Somebody who has connected. */
    private record Client(SocketChannel channel, PeerIdentity peer) {}

    /**
     * Begins to talk to the real monitor. In the loop's thread.
     *
     * @param qemu connected to the real monitor
     * @param judges makes the judge of this VM
     * @param ended is told why there is no monitor any more
     */
    MonitorRelay(
            EventLoop loop,
            SocketChannel qemu,
            UnixSockets sockets,
            Function<Questions, Judge> judges,
            Consumer<String> ended)
            throws IOException {
        this.loop = loop;
        this.sockets = sockets;
        this.judge = judges.apply(this);
        this.ended = ended;
        this.monitor = new RealMonitor(loop, qemu, sockets, this);
    }

    /** Serves a client, who may be one of many. For all threads. */
    public void accept(SocketChannel channel, PeerIdentity peer) {
        loop.execute(() -> {
            if (isEnded || clients.size() + waiting.size() >= MOST_CLIENTS || loop.isFull()) {
                Channels.close(channel);
            } else if (greeting.isEmpty()) {
                waiting.add(new Client(channel, peer));
            } else {
                serve(new Client(channel, peer), greeting.get());
            }
        });
    }

    private void serve(Client client, JsonObject greeted) {
        try {
            ClientConnection connection = new ClientConnection(loop, client.channel, sockets, client.peer, this);
            clients.add(connection);
            connection.greet(greeted);
        } catch (IOException e) {
            Channels.close(client.channel);
        }
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
        return data instanceof JsonObject object
                && object.text("id").filter(id -> id.startsWith("labeler-")).isPresent();
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
        judge.ended(reason);
        List.copyOf(asked.values()).forEach(answer -> answer.complete(Optional.empty()));
        asked.clear();
        if (unsettled == 0) {
            endClients();
        } else {
            // As that to quit: it came before the end.
            loop.execute(LAST_ANSWERS, this::endClients);
        }
        waiting.forEach(client -> Channels.close(client.channel));
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

    /** A command that overtakes: nobody waits for its verdict. */
    void judge(PeerIdentity peer, Command command, List<Descriptor> descriptors, Consumer<byte[]> answer) {
        judge(peer, command, descriptors, () -> {}, answer);
    }

    /**
     * Has a command judged, and does what the verdict says.
     *
     * @param judged is told when the next command of the client may be judged
     * @param answer gets the answer for the client, with its id
     */
    void judge(
            PeerIdentity peer,
            Command command,
            List<Descriptor> descriptors,
            Runnable judged,
            Consumer<byte[]> answer) {
        FirstVerdict first = new FirstVerdict(verdict -> loop.execute(() -> {
            decided(command, verdict, answer);
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

    private void decided(Command command, Judge.Verdict verdict, Consumer<byte[]> answer) {
        switch (verdict) {
            case Judge.Refuse(Refusal refusal) -> answer.accept(ClientConnection.line(refusal.answer(command.id())));
            case Judge.Send(Command _, List<Descriptor> passed, Judge.After _)
            when isEnded -> passed.forEach(Descriptor::close);
            case Judge.Send(Command sent, List<Descriptor> passed, Judge.After after) ->
                monitor.send(sent, passed, (message, raw) -> {
                    unsettled++;
                    AtomicBoolean isShown = new AtomicBoolean();
                    after.answered(message, () -> {
                        if (!isShown.getAndSet(true)) {
                            loop.execute(() -> {
                                answer.accept(shown(sent, message, raw, command.id()));
                                settled();
                            });
                        }
                    });
                });
        }
    }

    private void settled() {
        unsettled--;
        if (isEnded && unsettled == 0) {
            endClients();
        }
    }

    private byte[] shown(Command sent, JsonObject message, byte[] raw, Optional<Json> id) {
        return judge.shown(sent, message, raw).map(known -> line(known, id)).orElseGet(() -> underId(message, raw, id));
    }

    /** qemu's answer, under the client's id. A long one that was done is not written anew but for its end. */
    private byte[] underId(JsonObject message, byte[] raw, Optional<Json> id) {
        byte[] end = (", \"id\": \"" + monitor.idOf(message) + "\"}\r").getBytes(StandardCharsets.UTF_8);
        int begin = raw.length - end.length;
        if (begin > 0 && Arrays.equals(raw, begin, raw.length, end, 0, end.length)) {
            byte[] ours = ((id.isPresent() ? ", \"id\": " + JsonWriter.compact(id.get()) : "") + "}\r\n")
                    .getBytes(StandardCharsets.UTF_8);
            byte[] whole = Arrays.copyOf(raw, begin + ours.length);
            System.arraycopy(ours, 0, whole, begin, ours.length);
            return whole;
        }
        return line(message, id);
    }

    private static byte[] line(JsonObject message, Optional<Json> id) {
        Json.ObjectBuilder object = Json.object();
        id.ifPresent(value -> object.put("id", value));
        message.members().forEach((name, value) -> {
            if (!name.equals("id")) {
                object.put(name, value);
            }
        });
        return ClientConnection.line(object.build());
    }
}
