package labeler.guard.relay;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import labeler.json.Json;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonObject;

/**
 * Where the streams of a relay stand: all that another process with the same sockets needs to go on in the middle of
 * them. Bytes are texts of ISO 8859-1.
 *
 * @param greeting qemu's
 */
public record RelayState(JsonObject greeting, OfMonitor monitor, List<OfClient> clients) {
    public RelayState {
        clients = List.copyOf(clients);
    }

    /**
     * The connection to qemu.
     *
     * @param socket its cookie
     * @param line what has come of a line
     * @param unsent what has not gone yet
     * @param asked commands that qemu has not answered
     * @param isAlone whether the one of them has descriptors
     * @param given how many ids commands have had
     */
    public record OfMonitor(long socket, String line, String unsent, List<Asked> asked, boolean isAlone, long given) {
        public OfMonitor {
            asked = List.copyOf(asked);
        }
    }

    /** A command that qemu has not answered. */
    public record Asked(String id, boolean isOutOfBand) {}

    /**
     * The connection of a client.
     *
     * @param socket its cookie
     * @param line what has come of a command
     * @param slots commands that are to be answered in this order
     * @param overtaking commands that are to be answered as soon as they can
     */
    public record OfClient(
            long socket, Mode mode, String line, String unsent, List<OfSlot> slots, List<OfSlot> overtaking) {
        public OfClient {
            slots = List.copyOf(slots);
            overtaking = List.copyOf(overtaking);
        }
    }

    /**
     * The capabilities that a client has negotiated.
     *
     * @param isDone whether it says no more
     */
    public record Mode(boolean isNegotiated, boolean takesOutOfBand, boolean isDone) {}

    /** A command of a client's. */
    public sealed interface OfSlot {}

    /** Its answer is there, and the client has not got it yet. */
    public record Answered(String answer) implements OfSlot {}

    /**
     * qemu has it.
     *
     * @param asked under which id
     * @param id the client's
     */
    public record Waiting(String asked, Optional<Json> id) implements OfSlot {}

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** How many bytes wait for somebody to read them. */
    int unread() {
        return monitor.unsent().length()
                + clients.stream().mapToInt(client -> client.unsent().length()).sum();
    }

    /** As {@link #of} reads it. */
    public JsonObject json() {
        return Json.object()
                .put("greeting", greeting)
                .put(
                        "monitor",
                        Json.object()
                                .put("socket", monitor.socket())
                                .put("line", monitor.line())
                                .put("unsent", monitor.unsent())
                                .put(
                                        "asked",
                                        monitor.asked().stream()
                                                .map(asked -> Json.object()
                                                        .put("id", asked.id())
                                                        .put("oob", asked.isOutOfBand())
                                                        .build())
                                                .toList())
                                .put("alone", monitor.isAlone())
                                .put("given", monitor.given())
                                .build())
                .put("clients", clients.stream().map(RelayState::json).toList())
                .build();
    }

    private static JsonObject json(OfClient client) {
        return Json.object()
                .put("socket", client.socket())
                .put("negotiated", client.mode().isNegotiated())
                .put("oob", client.mode().takesOutOfBand())
                .put("done", client.mode().isDone())
                .put("line", client.line())
                .put("unsent", client.unsent())
                .put("slots", client.slots().stream().map(RelayState::json).toList())
                .put(
                        "overtaking",
                        client.overtaking().stream().map(RelayState::json).toList())
                .build();
    }

    private static JsonObject json(OfSlot slot) {
        return switch (slot) {
            case Answered(String answer) -> Json.object().put("answer", answer).build();
            case Waiting(String asked, Optional<Json> id) -> {
                Json.ObjectBuilder object = Json.object().put("asked", asked);
                id.ifPresent(value -> object.put("id", value));
                yield object.build();
            }
        };
    }

    /** Reads it; empty if it is none. */
    public static Optional<RelayState> of(JsonObject json) {
        Optional<JsonObject> greeting = object(json, "greeting");
        Optional<OfMonitor> monitor = object(json, "monitor").flatMap(RelayState::monitor);
        Optional<List<OfClient>> clients = each(json, "clients", RelayState::client);
        return greeting.isPresent() && monitor.isPresent() && clients.isPresent()
                ? Optional.of(new RelayState(greeting.get(), monitor.get(), clients.get()))
                : Optional.empty();
    }

    private static Optional<OfMonitor> monitor(JsonObject json) {
        Optional<Long> socket = json.number("socket");
        Optional<String> line = json.text("line");
        Optional<String> unsent = json.text("unsent");
        Optional<List<Asked>> asked =
                each(json, "asked", one -> one.text("id").map(id -> new Asked(id, isSet(one, "oob"))));
        return socket.isPresent() && line.isPresent() && unsent.isPresent() && asked.isPresent()
                ? Optional.of(new OfMonitor(
                        socket.get(),
                        line.get(),
                        unsent.get(),
                        asked.get(),
                        isSet(json, "alone"),
                        // A service of before this member had other ids.
                        json.number("given").orElse(0L)))
                : Optional.empty();
    }

    private static Optional<OfClient> client(JsonObject json) {
        Optional<Long> socket = json.number("socket");
        Optional<String> line = json.text("line");
        Optional<String> unsent = json.text("unsent");
        Optional<List<OfSlot>> slots = each(json, "slots", RelayState::slot);
        Optional<List<OfSlot>> overtaking = each(json, "overtaking", RelayState::slot);
        Mode mode = new Mode(isSet(json, "negotiated"), isSet(json, "oob"), isSet(json, "done"));
        return socket.isPresent()
                        && line.isPresent()
                        && unsent.isPresent()
                        && slots.isPresent()
                        && overtaking.isPresent()
                ? Optional.of(new OfClient(socket.get(), mode, line.get(), unsent.get(), slots.get(), overtaking.get()))
                : Optional.empty();
    }

    private static Optional<OfSlot> slot(JsonObject json) {
        Optional<OfSlot> answered = json.text("answer").map(Answered::new);
        return answered.isPresent() ? answered : json.text("asked").map(asked -> new Waiting(asked, json.get("id")));
    }

    private static Optional<JsonObject> object(JsonObject json, String name) {
        return json.get(name)
                .flatMap(value -> value instanceof JsonObject object ? Optional.of(object) : Optional.empty());
    }

    private static boolean isSet(JsonObject json, String name) {
        return json.get(name).equals(Optional.of(new JsonBoolean(true)));
    }

    /** All of them, or nothing. */
    private static <T> Optional<List<T>> each(JsonObject json, String name, Function<JsonObject, Optional<T>> reading) {
        List<T> read = new ArrayList<>();
        for (Json element : json.elements(name)) {
            Optional<T> one = element instanceof JsonObject object ? reading.apply(object) : Optional.empty();
            if (one.isEmpty()) {
                return Optional.empty();
            }
            read.add(one.get());
        }
        return Optional.of(read);
    }
}
