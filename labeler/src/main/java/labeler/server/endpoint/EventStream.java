package labeler.server.endpoint;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import labeler.api.ApiJson;
import labeler.api.EventsAnswer;
import labeler.api.EventsEnd;
import labeler.guard.record.AuditLine;
import labeler.guard.record.LogPage;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.json.JsonWriter;

/** The form of an answer with events: the client's {@code Accept} chooses it. */
enum EventStream {
    /** One object. */
    JSON,
    /** One object a line (ndjson), and in the last one where to go on. */
    LINES,
    /**
     * Server-sent events (HTML Living Standard, 9.2). The answer ends like the others, and a client connects again by
     * itself, with the id of the last event: so the service keeps nothing of a follower.
     */
    SERVER_SENT;

    private static final String SSE = "text/event-stream";
    private static final String NDJSON = "application/x-ndjson";

    /** A client connects again at once: an answer without events has waited long enough. */
    private static final int RETRY_MILLIS = 100;

    static EventStream of(HttpCall call) {
        if (call.accepts(SSE)) {
            return SERVER_SENT;
        }
        return call.accepts(NDJSON) ? LINES : JSON;
    }

    HttpAnswer answer(LogPage page) {
        return switch (this) {
            case JSON ->
                HttpAnswer.ok(ApiJson.write(
                        new EventsAnswer(page.lines(), page.next().toString(), !page.isEnd(), page.damaged())));
            case LINES -> HttpAnswer.ok(NDJSON, bytes(lines(page)));
            case SERVER_SENT -> HttpAnswer.ok(SSE, bytes(events(page)));
        };
    }

    private static String lines(LogPage page) {
        StringBuilder text = new StringBuilder();
        for (AuditLine line : page.lines()) {
            text.append(JsonWriter.compact(ApiJson.write(line))).append('\n');
        }
        EventsEnd end = new EventsEnd(page.next().toString(), !page.isEnd(), page.damaged());
        return text.append(JsonWriter.compact(ApiJson.write(end))).append('\n').toString();
    }

    /** Only the last event has an id: a client that was cut off before it gets the part again, and loses nothing. */
    private static String events(LogPage page) {
        StringBuilder text = new StringBuilder("retry: " + RETRY_MILLIS + "\n\n");
        for (AuditLine line : page.lines()) {
            boolean isLast = line.equals(page.lines().getLast());
            text.append(isLast ? "id: " + page.next() + "\n" : "")
                    .append("event: ")
                    .append(word(line))
                    .append("\ndata: ")
                    .append(JsonWriter.compact(ApiJson.write(line)))
                    .append("\n\n");
        }
        if (page.lines().isEmpty()) {
            // Without data this is no event for the client, but its id counts.
            text.append("id: ").append(page.next()).append("\n\n");
        }
        return text.toString();
    }

    /** As in the JSON: {@code vm-started}. */
    private static String word(AuditLine line) {
        return line.entry().event().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
