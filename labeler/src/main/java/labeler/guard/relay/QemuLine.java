package labeler.guard.relay;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.guard.wire.GatheredBytes;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;

/**
 * A line of qemu's as it comes. Of one that is too long to be read only its end is kept: qemu puts the id last, so it tells which
 * command the line answers, and its client can be told.
 */
final class QemuLine {
    /** {@code query-named-block-nodes} of a VM with thousands of nodes; more is not read. */
    static final int LONGEST = 4 << 20;

    /** A {@code ringbuf-read} of 40 MiB, of which each byte may become six; more is no answer. */
    static final long LONGEST_SKIPPED = 256L << 20;

    /** The schema has 36,000, and a node some 50: a service has little memory, and a qemu that lies wants all of it. */
    private static final int MOST_TOKENS = 200_000;

    private static final int END = 256;

    /** A quote inside of a text has a backslash before it, so this is a member of the answer, and its last one. */
    private static final Pattern ID = Pattern.compile(", \"id\": \"([^\"\\\\]*)\"}\\r?$");

    private final JsonReader reader = new JsonReader(MOST_TOKENS, JsonReader.DEEPEST_ANSWER);
    private final GatheredBytes gathered = new GatheredBytes();
    private long skipped;

    void add(byte next) {
        if (gathered.size() >= (skipped > 0 ? 2 * END : LONGEST)) {
            keepEnd();
        }
        gathered.add(next);
    }

    private void keepEnd() {
        byte[] all = gathered.all();
        gathered.forget();
        gathered.add(all, all.length - END, END);
        skipped += all.length - END;
    }

    /** Goes on with what an earlier service has read of it. */
    void resume(byte[] begun) {
        for (byte one : begun) {
            add(one);
        }
    }

    /** What it says; empty if that is no object, or more than is read. */
    Optional<JsonObject> message() {
        return skipped == 0 && reader.read(gathered.all()) instanceof JsonReader.Value(JsonObject object)
                ? Optional.of(object)
                : Optional.empty();
    }

    boolean isEndless() {
        return skipped > LONGEST_SKIPPED;
    }

    /** The line so far, or its end: which is no JSON, as it begins amid an answer. */
    byte[] all() {
        return gathered.all();
    }

    void forget() {
        gathered.forget();
        skipped = 0;
    }

    /** The id of a line that is not read; empty if it has none in its place. */
    static Optional<String> id(byte[] line) {
        byte[] end = Arrays.copyOfRange(line, Math.max(0, line.length - END), line.length);
        Matcher matcher = ID.matcher(new String(end, StandardCharsets.ISO_8859_1));
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
