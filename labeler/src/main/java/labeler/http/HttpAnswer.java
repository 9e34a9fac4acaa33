package labeler.http;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.UnaryOperator;
import labeler.http.RequestRefusal.Reason;
import labeler.json.Json;
import labeler.json.JsonLists;
import labeler.json.JsonListsWriter;
import labeler.json.JsonWriter;

/** The answer to a request: a status, and a body of some type, perhaps empty. */
public final class HttpAnswer {
    static final String JSON = "application/json";
    static final String TEXT = "text/plain; charset=utf-8";

    private static final int OK = 200;
    private static final int NO_CONTENT = 204;

    /** The size of the text in memory: some VMs at a time, and never all. */
    private static final int BUFFER_SIZE = 32 << 10;

    private final int status;
    private final String contentType;
    private final byte[] body;
    private final Optional<JsonLists> lists;

    private HttpAnswer(int status, String contentType, byte[] body, Optional<JsonLists> lists) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
        this.lists = lists;
    }

    private HttpAnswer(int status, String contentType, byte[] body) {
        this(status, contentType, body, Optional.empty());
    }

    int status() {
        return status;
    }

    String contentType() {
        return contentType;
    }

    /** The body, not to be changed; none if there are {@link #lists}. */
    byte[] body() {
        return body;
    }

    /** Whether the body is made while it is written. */
    boolean isStreamed() {
        return lists.isPresent();
    }

    /**
     * Writes a body that is made while it is written.
     *
     * @param way iteration through each list
     */
    void write(UnaryOperator<Iterator<Json>> way, OutputStream out) throws IOException {
        Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), BUFFER_SIZE);
        new JsonListsWriter(false, text).write(lists.orElseThrow().through(way));
        text.write('\n');
        text.flush();
    }

    public static HttpAnswer ok(Json json) {
        return new HttpAnswer(OK, JSON, json(json));
    }

    public static HttpAnswer ok(JsonLists lists) {
        return new HttpAnswer(OK, JSON, new byte[0], Optional.of(lists));
    }

    public static HttpAnswer ok(String contentType, byte[] body) {
        return new HttpAnswer(OK, contentType, body);
    }

    public static HttpAnswer nothing() {
        return new HttpAnswer(NO_CONTENT, TEXT, new byte[0]);
    }

    public static HttpAnswer refusal(HttpRefusal refusal) {
        return new HttpAnswer(refusal.httpStatus(), JSON, json(refusal.json()));
    }

    static HttpAnswer refusal(Reason reason, String message) {
        return refusal(new RequestRefusal(reason, message));
    }

    /** The request is used wrongly; {@code message} is one line. */
    public static HttpAnswer usage(String message) {
        return refusal(Reason.USAGE, message);
    }

    /** Nothing was done, and the client may ask again; {@code message} is one line. */
    public static HttpAnswer busy(String message) {
        return refusal(Reason.BUSY, message);
    }

    /** The service failed; {@code message} is one line. */
    public static HttpAnswer failed(String message) {
        return refusal(Reason.INTERNAL, message);
    }

    /** For scripts that show the answer to a person: the message alone, on one line. */
    public static HttpAnswer refusalInWords(HttpRefusal refusal) {
        return new HttpAnswer(refusal.httpStatus(), TEXT, (refusal.message() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** A refusal in a form that its client asked for. */
    public static HttpAnswer refusal(HttpRefusal refusal, String contentType, byte[] body) {
        return new HttpAnswer(refusal.httpStatus(), contentType, body);
    }

    private static byte[] json(Json json) {
        return (JsonWriter.compact(json) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
