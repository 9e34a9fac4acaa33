package labeler.guard.relay;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;

/** An answer of qemu's, on its way to the client that asked. */
final class Answer {
    private final String asked;
    private final JsonObject message;
    private final byte[] raw;

    /**
     * As it has come.
     *
     * @param asked the id under which qemu got the command
     * @param raw the line as qemu wrote it, without its end
     */
    Answer(String asked, JsonObject message, byte[] raw) {
        this.asked = asked;
        this.message = message;
        this.raw = raw;
    }

    /** The line under the client's id. A long one that was done is not written anew but for its end. */
    byte[] under(Optional<Json> id) {
        byte[] end = (", \"id\": \"" + asked + "\"}\r").getBytes(StandardCharsets.UTF_8);
        int begin = raw.length - end.length;
        if (begin <= 0 || !Arrays.equals(raw, begin, raw.length, end, 0, end.length)) {
            return line(message, id);
        }
        byte[] ours = (id.map(value -> ", \"id\": " + JsonWriter.compact(value)).orElse("") + "}\r\n")
                .getBytes(StandardCharsets.UTF_8);
        byte[] whole = Arrays.copyOf(raw, begin + ours.length);
        System.arraycopy(ours, 0, whole, begin, ours.length);
        return whole;
    }

    /** A message under the client's id. */
    static byte[] line(JsonObject message, Optional<Json> id) {
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
