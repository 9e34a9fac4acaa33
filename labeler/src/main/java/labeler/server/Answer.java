package labeler.server;

import java.nio.charset.StandardCharsets;
import labeler.api.Refusal;
import labeler.json.Json;
import labeler.json.JsonWriter;

/** What goes back: a status, and a body of some type, perhaps empty. */
final class Answer {
    static final String JSON = "application/json";
    static final String TEXT = "text/plain; charset=utf-8";

    private static final int OK = 200;
    private static final int NO_CONTENT = 204;

    private final int status;
    private final String contentType;
    private final byte[] body;

    private Answer(int status, String contentType, byte[] body) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
    }

    int status() {
        return status;
    }

    String contentType() {
        return contentType;
    }

    /** Not to be changed. */
    byte[] body() {
        return body;
    }

    static Answer ok(Json json) {
        return new Answer(OK, JSON, json(json));
    }

    static Answer ok(String contentType, byte[] body) {
        return new Answer(OK, contentType, body);
    }

    static Answer nothing() {
        return new Answer(NO_CONTENT, TEXT, new byte[0]);
    }

    static Answer refusal(Refusal refusal) {
        return new Answer(refusal.status().http(), JSON, json(refusal.json()));
    }

    /** For scripts that show it to a person as it is: the message alone, on one line. */
    static Answer refusalInWords(Refusal refusal) {
        return new Answer(refusal.status().http(), TEXT, (refusal.message() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] json(Json json) {
        return (JsonWriter.compact(json) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
