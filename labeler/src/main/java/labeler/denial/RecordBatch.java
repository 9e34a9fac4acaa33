package labeler.denial;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.linux.AuditFeed.Received;

/** Records of the kernel's that are explained together: denials, and what is told beside them. For one thread. */
final class RecordBatch {
    /** From linux/audit.h. A program's own denial has a type of its own, and is not the kernel's word. */
    static final int AVC = 1400;

    static final int PATH = 1302;
    static final int CWD = 1307;

    /** More are not told anyway. */
    private static final int MOST = 1_000;

    private static final Pattern EVENT = Pattern.compile("^audit\\(([0-9.]{1,30}:[0-9]{1,20})\\)");

    private final List<String> lines = new ArrayList<>();
    private final Set<String> events = new HashSet<>();

    /** A name of a file counts only beside a denial, which comes before it: other programs have files recorded as well. */
    void add(Received record) {
        Matcher event = EVENT.matcher(record.text());
        if (!event.find() || isFull()) {
            return;
        }
        switch (record.type()) {
            case AVC -> {
                if (record.text().contains(" denied ")) {
                    events.add(event.group(1));
                    line(record);
                }
            }
            case PATH, CWD -> {
                if (events.contains(event.group(1))) {
                    line(record);
                }
            }
            // The kernel was asked for no other.
            default -> {}
        }
    }

    /** As auditd writes it. */
    private void line(Received record) {
        lines.add("type=" + record.type() + " msg=" + record.text());
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }

    boolean isFull() {
        return lines.size() >= MOST;
    }

    /** All lines; the batch is empty afterwards. */
    List<String> take() {
        List<String> all = List.copyOf(lines);
        lines.clear();
        events.clear();
        return all;
    }
}
