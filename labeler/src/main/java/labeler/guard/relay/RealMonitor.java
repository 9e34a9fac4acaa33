package labeler.guard.relay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import labeler.linux.Descriptor;
import labeler.linux.LinuxException;
import labeler.linux.UnixSockets;

/**
 * The connection to the monitor of a qemu, which nobody else has. Commands get ids of the guard's own, so that answers
 * find their way, and an answer that nobody asked for ends the connection. For the loop's thread alone.
 */
final class RealMonitor implements EventLoop.Handler {
    /** qemu takes eight commands at once, and a full queue would hold up what overtakes it. */
    private static final int MOST_IN_FLIGHT = 7;

    private static final int BUFFER_SIZE = 64 << 10;

    private final SocketChannel channel;
    private final SelectionKey key;
    private final UnixSockets sockets;
    private final Listener listener;
    private final Outbox outbox;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_SIZE);
    private final QemuLine line = new QemuLine();
    private final QemuEnd qemuEnd;
    private final Deque<Question> queue = new ArrayDeque<>();
    private final Map<String, Question> asked = new HashMap<>();
    private Optional<Attached> attached = Optional.empty();
    private CommandIds ids = new CommandIds(0);
    private int inFlight;
    private boolean isAlone;
    private boolean isNegotiated;
    private Optional<JsonObject> greeting = Optional.empty();
    private boolean isBroken;

    /** Who is told what qemu says. */
    interface Listener {
        /** Bytes are about to be read or written. */
        void changing();

        /** Commands can be sent from now on. */
        void ready(JsonObject greeting);

        /**
         * An event has come.
         *
         * @param raw the line as qemu wrote it, without its end
         */
        void event(JsonObject event, byte[] raw);

        /** No more comes. */
        void ended(String reason);
    }

    /** A command on its way. */
    private record Question(
            Command command, List<Descriptor> descriptors, BiConsumer<JsonObject, byte[]> answer, String id) {}

    /** A command that waits until all before it is written: its descriptors go with its first byte. */
    private record Attached(String id, String line, List<Descriptor> descriptors) {
        void close() {
            descriptors.forEach(Descriptor::close);
        }
    }

    /** Takes over a connected channel. */
    RealMonitor(EventLoop loop, SocketChannel channel, UnixSockets sockets, Listener listener) throws IOException {
        this.channel = channel;
        this.sockets = sockets;
        this.listener = listener;
        this.outbox = new Outbox(channel);
        this.qemuEnd = new QemuEnd(loop, this::goOn);
        this.key = loop.register(channel, SelectionKey.OP_READ, this);
    }

    /**
     * Goes on where an earlier service has left the same connection. Before the loop reads from it.
     *
     * @param answers what is done with the answer to each command of that service's
     */
    void resume(
            JsonObject greeted, RelayState.OfMonitor state, Function<String, BiConsumer<JsonObject, byte[]>> answers) {
        greeting = Optional.of(greeted);
        isNegotiated = true;
        isAlone = state.isAlone();
        ids = CommandIds.after(state);
        line.resume(RelayState.bytes(state.line()));
        outbox.add(RelayState.bytes(state.unsent()));
        for (RelayState.Asked one : state.asked()) {
            asked.put(
                    one.id(),
                    new Question(
                            new Command("", Json.object().build(), one.isOutOfBand(), Optional.empty()),
                            List.of(),
                            answers.apply(one.id()),
                            one.id()));
            inFlight += one.isOutOfBand() ? 0 : 1;
        }
        flush();
    }

    /** Where the connection stands; empty before commands can be sent. */
    Optional<RelayState.OfMonitor> state() throws LinuxException {
        if (!isNegotiated || isBroken) {
            return Optional.empty();
        }
        return Optional.of(new RelayState.OfMonitor(
                sockets.cookie(channel),
                RelayState.text(line.all()),
                RelayState.text(outbox.unsent()),
                asked.values().stream()
                        .filter(one -> isAsked(one.id()))
                        .map(one -> new RelayState.Asked(one.id(), one.command().isOutOfBand()))
                        .toList(),
                isAlone && attached.isEmpty(),
                ids.given()));
    }

    /** Whether qemu has got the command of this id, and has not answered it. */
    boolean isAsked(String id) {
        return asked.containsKey(id)
                && attached.filter(waiting -> waiting.id().equals(id)).isEmpty();
    }

    /**
     * Sends a command when it is its turn.
     *
     * @param descriptors are closed when they are sent
     * @param answer gets qemu's answer, and the line as qemu wrote it; never called where the connection ends before
     * @return the id under which qemu gets it
     */
    String send(Command command, List<Descriptor> descriptors, BiConsumer<JsonObject, byte[]> answer) {
        listener.changing();
        Question question = new Question(command, descriptors, answer, ids.next());
        if (command.isOutOfBand()) {
            write(question);
        } else {
            queue.add(question);
            sendNext();
        }
        flush();
        return question.id();
    }

    /** Takes a command back of which qemu has got nothing yet: it is never done then, nor answered. */
    boolean takeBack(String id) {
        listener.changing();
        if (attached.filter(waiting -> waiting.id().equals(id)).isPresent()) {
            attached.ifPresent(Attached::close);
            attached = Optional.empty();
            asked.remove(id);
            inFlight--;
            isAlone = false;
        } else {
            Optional<Question> waiting =
                    queue.stream().filter(one -> one.id().equals(id)).findFirst();
            if (waiting.isEmpty()) {
                return false;
            }
            waiting.get().descriptors().forEach(Descriptor::close);
            queue.remove(waiting.get());
        }
        sendNext();
        flush();
        return true;
    }

    /** The id under which a line of qemu's answers. */
    String idOf(JsonObject answer) {
        return answer.text("id").orElse("");
    }

    private void sendNext() {
        while (isNegotiated && !queue.isEmpty() && inFlight < MOST_IN_FLIGHT && !isAlone && !qemuEnd.isNear()) {
            // qemu gives a descriptor to the command that it runs next, so such a command goes alone.
            boolean hasDescriptors = !queue.getFirst().descriptors().isEmpty();
            if (hasDescriptors && inFlight > 0) {
                return;
            }
            // One for which there is no memory stays, and takes no place among those in flight.
            write(queue.getFirst());
            qemuEnd.sent(queue.removeFirst().command().name());
            isAlone = hasDescriptors;
            inFlight++;
        }
    }

    private void goOn() {
        listener.changing();
        sendNext();
        flush();
    }

    private void write(Question question) {
        String line = JsonWriter.compact(question.command().under(question.id())) + "\n";
        if (question.descriptors().isEmpty()) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            asked.put(question.id(), question);
            outbox.add(bytes);
        } else {
            asked.put(question.id(), question);
            attached = Optional.of(new Attached(question.id(), line, question.descriptors()));
        }
    }

    private void flush() {
        if (isBroken) {
            return;
        }
        try {
            outbox.flush();
            boolean waits = outbox.size() > 0 || attached.isPresent();
            key.interestOps(SelectionKey.OP_READ | (waits ? SelectionKey.OP_WRITE : 0));
        } catch (IOException e) {
            endAfter(e);
        }
    }

    /**
     * Sends descriptors with one byte, for which a socket that is ready has room: the loop must not wait for qemu. Bytes
     * that overtake come before that byte, or after the whole line.
     */
    private void sendAttached() throws IOException {
        if (outbox.size() > 0 || attached.isEmpty()) {
            return;
        }
        Attached now = attached.get();
        attached = Optional.empty();
        try {
            byte[] bytes = now.line.getBytes(StandardCharsets.UTF_8);
            sockets.send(channel, Arrays.copyOf(bytes, 1), now.descriptors);
            outbox.add(Arrays.copyOfRange(bytes, 1, bytes.length));
        } finally {
            now.close();
        }
    }

    @Override
    public void ready() {
        listener.changing();
        try {
            if (key.isWritable()) {
                outbox.flush();
                sendAttached();
                flush();
            }
            if (!isBroken && key.isReadable()) {
                read();
            }
        } catch (IOException e) {
            endAfter(e);
        }
    }

    @Override
    public void fail() {
        end("a fault of the guard");
    }

    private void read() throws IOException {
        int length = channel.read(buffer.clear());
        if (length < 0) {
            end("qemu has closed its monitor");
            return;
        }
        buffer.flip();
        while (buffer.hasRemaining() && !isBroken) {
            byte next = buffer.get();
            if (next != '\n') {
                line.add(next);
            } else {
                byte[] raw = line.all();
                Optional<JsonObject> message = line.message();
                line.forget();
                message.ifPresentOrElse(read -> take(read, raw), () -> unread(raw));
            }
        }
        if (line.isEndless()) {
            end("qemu says more than " + QemuLine.LONGEST_SKIPPED + " bytes in a line");
        }
    }

    private void take(JsonObject message, byte[] raw) {
        if (message.get("event").isPresent()) {
            // qemu sends events even before its greeting, to whoever connects while it starts; no client gets those.
            if (isNegotiated) {
                qemuEnd.told(message.text("event").orElse(""));
                listener.event(message, raw);
            }
        } else if (greeting.isEmpty()) {
            greet(message);
        } else {
            answer(message, raw);
        }
    }

    /** An answer beyond what is read is no answer to its command alone: others are not cut off by it. */
    private void unread(byte[] raw) {
        QemuLine.id(raw)
                .filter(asked::containsKey)
                .map(id -> Refusal.UNREAD.answer(Optional.of(Json.of(id))))
                .ifPresentOrElse(
                        refusal -> answer(refusal, JsonWriter.compact(refusal).getBytes(StandardCharsets.UTF_8)),
                        () -> end("qemu says what is not QMP"));
    }

    private void greet(JsonObject message) {
        if (!(message.get("QMP").orElse(Json.nothing()) instanceof JsonObject offer)) {
            end("no monitor of qemu's is there");
            return;
        }
        greeting = Optional.of(message);
        Json.ObjectBuilder arguments = Json.object();
        if (offer.elements("capabilities").contains(Json.of("oob"))) {
            arguments.put("enable", List.of(Json.of("oob")));
        }
        Command negotiation = new Command("qmp_capabilities", arguments.build(), false, Optional.empty());
        write(new Question(
                negotiation, List.of(), (answer, _) -> negotiated(message, answer), CommandIds.ofNegotiation()));
        flush();
    }

    private void negotiated(JsonObject greeted, JsonObject answer) {
        if (answer.get("return").isEmpty()) {
            end("qemu does not negotiate");
            return;
        }
        isNegotiated = true;
        listener.ready(greeted);
        sendNext();
        flush();
    }

    private void answer(JsonObject message, byte[] raw) {
        // To answer a command that it has not got would let the next one take the place of its descriptors.
        Question question = isAsked(idOf(message)) ? asked.remove(idOf(message)) : null;
        boolean isAnswer =
                message.get("return").isPresent() || message.get("error").isPresent();
        if (question == null || !isAnswer) {
            end("qemu answers what it was not asked");
            return;
        }
        if (isNegotiated && !question.command().isOutOfBand()) {
            inFlight--;
            isAlone = false;
        }
        question.answer().accept(message, raw);
        sendNext();
        flush();
    }

    /** A connection that fails is one that qemu has closed: with what it had not read yet, it is reset. */
    private void endAfter(IOException failure) {
        end("qemu has closed its monitor (" + failure.getMessage() + ")");
    }

    private void end(String reason) {
        if (isBroken) {
            return;
        }
        isBroken = true;
        close();
        listener.ended(reason);
    }

    void close() {
        letGo();
        Channels.end(channel);
    }

    /** Neither reads nor writes any more. The connection stays as it is. */
    SocketChannel letGo() {
        isBroken = true;
        key.cancel();
        attached.ifPresent(Attached::close);
        attached = Optional.empty();
        queue.forEach(question -> question.descriptors().forEach(Descriptor::close));
        queue.clear();
        return channel;
    }
}
