package labeler.host;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lines of an audit log that belong to denials, found in one pass over a log of any length. The newest are kept: as
 * many as one request takes.
 */
public final class DenialLines {
    /** More explains nothing better. */
    private static final int MOST_LINES = 5_000;

    /** They must fit into one request. */
    private static final int MOST_CHARACTERS = 3 << 20;

    /** Longer lines are no records of the kernel's. */
    static final int LONGEST = 16_384;

    /** Records of one event stand together, or almost: so many lines, and so many denials, are looked back at. */
    private static final int LOOKED_BACK = 256;

    private static final Pattern EVENT = Pattern.compile("audit\\(([^()]{1,60}:\\d{1,20})\\)");

    private final Deque<String> kept = new ArrayDeque<>();
    private final Deque<Beside> beside = new ArrayDeque<>();
    private final SequencedSet<String> denied = new LinkedHashSet<>();
    private long characters;
    private long leftOut;

    /** A line of an event of which no denial has come yet. */
    private record Beside(String event, String line) {}

    /**
     * The lines that belong to denials, the oldest first.
     *
     * @param leftOut how many older ones are not among them
     */
    public record Kept(List<String> lines, long leftOut) {
        public Kept {
            lines = List.copyOf(lines);
        }
    }

    DenialLines() {}

    /** The lines of these. */
    public static Kept of(Collection<String> lines) {
        DenialLines denials = new DenialLines();
        lines.forEach(denials::add);
        return denials.kept();
    }

    /** The lines of all that is in there, one character a byte. */
    public static Kept read(InputStream in) throws IOException {
        DenialLines denials = new DenialLines();
        InputStream buffered = new BufferedInputStream(in);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = buffered.read();
        while (next >= 0) {
            if (next == '\n') {
                denials.add(line.toString(StandardCharsets.ISO_8859_1));
                line.reset();
            } else if (line.size() <= LONGEST) {
                line.write(next);
            }
            next = buffered.read();
        }
        denials.add(line.toString(StandardCharsets.ISO_8859_1));
        return denials.kept();
    }

    /** The next line. One that is too long for a record of the kernel's is kept as far as it shows this. */
    void add(String line) {
        // JSON of the service has no NUL, and no line of the kernel's has one.
        if (line.indexOf(0) >= 0) {
            return;
        }
        Matcher id = EVENT.matcher(line);
        String event = id.find() ? id.group(1) : "";
        if (line.contains("avc:") && line.contains("denied")) {
            if (!event.isEmpty()) {
                denied(event);
            }
            keep(line.substring(0, Math.min(line.length(), LONGEST + 1)));
        } else if (!event.isEmpty() && line.length() <= LONGEST) {
            if (denied.contains(event)) {
                keep(line);
            } else {
                beside.addLast(new Beside(event, line));
                if (beside.size() > LOOKED_BACK) {
                    beside.removeFirst();
                }
            }
        }
    }

    private void denied(String event) {
        denied.add(event);
        if (denied.size() > LOOKED_BACK) {
            denied.removeFirst();
        }
        Iterator<Beside> before = beside.iterator();
        while (before.hasNext()) {
            Beside other = before.next();
            if (other.event.equals(event)) {
                keep(other.line);
                before.remove();
            }
        }
    }

    private void keep(String line) {
        kept.addLast(line);
        characters += line.length();
        while (kept.size() > MOST_LINES || characters > MOST_CHARACTERS) {
            characters -= kept.removeFirst().length();
            leftOut++;
        }
    }

    Kept kept() {
        return new Kept(List.copyOf(kept), leftOut);
    }
}
