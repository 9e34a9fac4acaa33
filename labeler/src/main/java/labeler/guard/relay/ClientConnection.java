package labeler.guard.relay;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import labeler.guard.wire.QmpDecoder;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import labeler.linux.Descriptor;
import labeler.linux.LinuxException;
import labeler.linux.PeerIdentity;
import labeler.linux.UnixSockets;

/**
 * A client of a guarded monitor. To it this is a monitor of qemu's that nobody else uses: answers come in the order of its
 * commands, under its own ids. For the loop's thread alone.
 */
final class ClientConnection implements EventLoop.Handler {
    /** Commands that wait; beyond these no more is read, and the client waits. */
    private static final int MOST_WAITING = 16;

    /** The bytes of answers and events. qemu would keep them without end. */
    private static final int MOST_UNREAD = 4 << 20;

    /** The bytes of memory for commands that wait to be judged. Beyond these no more is read either. */
    private static final long MOST_UNJUDGED = 2 << 20;

    private static final int READ_SIZE = 64 << 10;
    private static final String NEGOTIATION = "qmp_capabilities";

    /** qemu gives a descriptor to the next of these. */
    private static final Set<String> DESCRIPTOR_COMMANDS = Set.of("add-fd", "getfd");

    private static final Refusal KEPT_BACK =
            Refusal.generic("labeler S15: the descriptor did not arrive: the kernel let the"
                    + " service not have it; ausearch -m avc says whether the policy denies it (fd use, or its file), otherwise the"
                    + " service has too many files open");

    private final SocketChannel channel;
    private final SelectionKey key;
    private final UnixSockets sockets;
    private final PeerIdentity peer;
    private final MonitorRelay relay;
    private final Outbox outbox;
    private final QmpDecoder decoder = new QmpDecoder();
    private final PartialCommand partial = new PartialCommand();
    private final Deque<Slot> slots = new ArrayDeque<>();
    private final List<Slot> overtaking = new ArrayList<>();
    private final List<Descriptor> pending = new ArrayList<>();

    /** Whether a descriptor came that the kernel did not let the service have, and no command was told so yet. */
    private boolean isKeptBack;

    private boolean isNegotiated;
    private boolean takesOutOfBand;
    private boolean isJudging;
    private boolean isDone;
    private boolean isEnded;

    ClientConnection(EventLoop loop, SocketChannel channel, UnixSockets sockets, PeerIdentity peer, MonitorRelay relay)
            throws IOException {
        this.channel = channel;
        this.sockets = sockets;
        this.peer = peer;
        this.relay = relay;
        this.outbox = new Outbox(channel);
        this.key = loop.register(channel, SelectionKey.OP_READ, this);
    }

    /** The greeting of a monitor. */
    void greet(JsonObject greeting) {
        write(line(greeting));
    }

    /** Goes on where an earlier service has left the same connection. */
    void resume(RelayState.OfClient state) {
        isNegotiated = state.mode().isNegotiated();
        takesOutOfBand = state.mode().takesOutOfBand();
        isDone = state.mode().isDone();
        outbox.add(RelayState.bytes(state.unsent()));
        state.slots().stream().map(Slot::of).forEach(slot -> {
            slots.add(slot);
            relay.resume(slot, this::proceedAndUpdate);
        });
        state.overtaking().stream().map(Slot::of).forEach(slot -> {
            overtaking.add(slot);
            relay.resume(slot, () -> overtook(slot));
        });
        take(RelayState.bytes(state.line()));
        update();
    }

    /**
     * Where the connection stands; empty if that is too much to keep.
     *
     * @param isSent whether qemu has got the command of this id
     */
    Optional<RelayState.OfClient> state(Predicate<String> isSent) throws LinuxException {
        if (partial.bytes().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new RelayState.OfClient(
                sockets.cookie(channel),
                new RelayState.Mode(isNegotiated, takesOutOfBand, isDone),
                RelayState.text(partial.bytes().get()),
                RelayState.text(outbox.unsent()),
                slots.stream().map(slot -> slot.state(isSent)).toList(),
                overtaking.stream().map(slot -> slot.state(isSent)).toList()));
    }

    /** Whether each command is answered. */
    boolean isQuiet() {
        return slots.isEmpty() && overtaking.isEmpty();
    }

    /** An event, as a line; none comes before the negotiation. */
    void event(byte[] line) {
        if (isNegotiated) {
            write(line);
        }
    }

    PeerIdentity peer() {
        return peer;
    }

    /** The part of the service's memory that it has, in bytes. */
    long weight() {
        return decoder.weight()
                + partial.weight()
                + outbox.size()
                + slots.stream().mapToLong(Slot::weight).sum()
                + overtaking.stream().mapToLong(Slot::weight).sum();
    }

    @Override
    public void ready() {
        relay.changing();
        try {
            if (key.isWritable()) {
                outbox.flush();
            }
            if (key.isReadable()) {
                read();
            }
            update();
        } catch (IOException e) {
            end();
        }
    }

    @Override
    public void fail() {
        end();
    }

    private void read() throws IOException {
        UnixSockets.Received received = sockets.receiveStream(channel, READ_SIZE);
        int length = received.payload().remaining();
        if (length == 0) {
            // As with qemu, a client that has said all may still read.
            isDone = true;
            return;
        }
        arrived(received);
        byte[] bytes = new byte[length];
        received.payload().get(bytes);
        take(bytes);
    }

    private void take(byte[] bytes) {
        List<QmpDecoder.Decoded> all = decoder.feed(bytes, bytes.length);
        partial.add(bytes, all);
        for (QmpDecoder.Decoded decoded : all) {
            switch (decoded) {
                case QmpDecoder.Malformed(String reason, long _) ->
                    answered(Refusal.generic(reason).answer(Optional.empty()));
                case QmpDecoder.Whole(Json json, long _) -> take(json, arrivedFor(json));
            }
        }
        proceed();
    }

    /** As in qemu: newer ones are in the place of those that no command has taken, and one is as many as one takes. */
    private void arrived(UnixSockets.Received received) {
        List<Descriptor> descriptors = received.descriptors();
        if (!descriptors.isEmpty() || received.isCutOff()) {
            pending.forEach(Descriptor::close);
            pending.clear();
            descriptors.stream().limit(1).forEach(pending::add);
            descriptors.stream().skip(1).forEach(Descriptor::close);
            isKeptBack = descriptors.isEmpty();
        }
    }

    /**
     * The descriptors that came for a command. As in qemu they wait for one that takes them, which none that overtakes
     * does.
     */
    private List<Descriptor> arrivedFor(Json command) {
        if (!takesDescriptors(command)) {
            return List.of();
        }
        List<Descriptor> arrived = List.copyOf(pending);
        pending.clear();
        return arrived;
    }

    private static boolean takesDescriptors(Json json) {
        return json instanceof JsonObject object
                && object.text("execute").filter(DESCRIPTOR_COMMANDS::contains).isPresent();
    }

    private void take(Json json, List<Descriptor> descriptors) {
        switch (Command.of(json, takesOutOfBand)) {
            case Command.Invalid(Optional<Json> id, Refusal error) -> {
                descriptors.forEach(Descriptor::close);
                answered(error.answer(id));
            }
            case Command.Valid(Command command) -> {
                if (command.name().equals(NEGOTIATION) || !isNegotiated) {
                    descriptors.forEach(Descriptor::close);
                    answered(negotiate(command));
                } else if (isKeptBack && takesDescriptors(json)) {
                    isKeptBack = false;
                    answered(KEPT_BACK.answer(command.id()));
                } else if (command.isOutOfBand()) {
                    judgeOutOfBand(command, descriptors);
                } else {
                    slots.add(Slot.of(command, descriptors));
                }
            }
        }
    }

    /** The guard's own connection has it all negotiated already. */
    private Json negotiate(Command command) {
        if (isNegotiated) {
            return Refusal.commandNotFound("Capabilities negotiation is already complete, command ignored")
                    .answer(command.id());
        }
        if (!command.name().equals(NEGOTIATION)) {
            return Refusal.commandNotFound("Expecting capabilities negotiation with 'qmp_capabilities'")
                    .answer(command.id());
        }
        for (String name : command.arguments().members().keySet()) {
            if (!name.equals("enable")) {
                return Refusal.generic("Parameter '" + name + "' is unexpected").answer(command.id());
            }
        }
        Json enable = command.arguments().get("enable").orElse(Json.array(List.of()));
        if (!(enable instanceof JsonArray(List<Json> wanted))) {
            return Refusal.generic("Invalid parameter type for 'enable', expected: array")
                    .answer(command.id());
        }
        for (Json capability : wanted) {
            if (!relay.offers(capability)) {
                return Refusal.generic("the monitor does not offer a capability that 'enable' has")
                        .answer(command.id());
            }
        }
        takesOutOfBand = !wanted.isEmpty();
        isNegotiated = true;
        Json.ObjectBuilder answer = Json.object().put("return", Json.object().build());
        command.id().ifPresent(id -> answer.put("id", id));
        return answer.build();
    }

    private void judgeOutOfBand(Command command, List<Descriptor> descriptors) {
        Slot slot = Slot.of(command, descriptors);
        overtaking.add(slot);
        relay.judge(this, slot, () -> {}, () -> overtook(slot));
    }

    private void overtook(Slot slot) {
        overtaking.remove(slot);
        slot.shown().ifPresent(this::write);
        update();
    }

    /** An answer of the guard's own takes its place among the others. */
    private void answered(Json answer) {
        slots.add(Slot.answered(line(answer)));
    }

    /** Writes the answers that are there in their order, and has the next command judged. */
    private void proceed() {
        while (!slots.isEmpty() && slots.getFirst().shown().isPresent()) {
            write(slots.removeFirst().shown().get());
        }
        for (Slot slot : slots) {
            if (isJudging) {
                return;
            }
            if (!slot.isJudged()) {
                judge(slot);
            }
        }
    }

    private void judge(Slot slot) {
        isJudging = true;
        relay.judge(
                this,
                slot,
                () -> {
                    isJudging = false;
                    relay.later(this::proceedAndUpdate, this::end);
                },
                this::proceedAndUpdate);
    }

    private void proceedAndUpdate() {
        if (!isEnded) {
            proceed();
            update();
        }
    }

    static byte[] line(Json json) {
        return (JsonWriter.compact(json) + "\r\n").getBytes(StandardCharsets.UTF_8);
    }

    private void write(byte[] bytes) {
        if (isEnded) {
            return;
        }
        relay.changing();
        outbox.add(bytes);
        try {
            outbox.flush();
        } catch (IOException e) {
            end();
            return;
        }
        if (outbox.size() > MOST_UNREAD) {
            end();
        } else {
            update();
        }
    }

    /** Whether more is read has changed. */
    void update() {
        if (isDone && slots.isEmpty() && outbox.size() == 0) {
            end();
        }
        if (!isEnded) {
            boolean reads = !isDone
                    && !relay.isResting()
                    && slots.size() + overtaking.size() < MOST_WAITING
                    && slots.stream().mapToLong(Slot::weight).sum() < MOST_UNJUDGED;
            key.interestOps((reads ? SelectionKey.OP_READ : 0) | (outbox.size() > 0 ? SelectionKey.OP_WRITE : 0));
        }
    }

    /** qemu still does the commands that were passed on; nobody gets the answers. */
    void end() {
        if (isEnded) {
            return;
        }
        letGo();
        Channels.end(channel);
        relay.left(this);
    }

    /** Neither reads nor writes any more. The connection stays as it is. */
    SocketChannel letGo() {
        isEnded = true;
        key.cancel();
        pending.forEach(Descriptor::close);
        slots.stream().flatMap(slot -> slot.descriptors().stream()).forEach(Descriptor::close);
        slots.clear();
        overtaking.clear();
        return channel;
    }
}
