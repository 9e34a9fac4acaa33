package labeler.explain;

import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Denials, each once, with their numbers: qemu tries the same again and again. They stand in the order in which each was
 * seen last, since somebody who asks wants to know about the newest.
 */
final class Denials {
    /** More than this at once is no help for anybody. */
    static final int MOST = 200;

    private final LinkedHashMap<Denial, Long> counts = new LinkedHashMap<>();

    private final Map<Denial, Instant> last = new HashMap<>();

    Denials(AuditRecords.Read read) {
        for (AuditRecords.Dated dated : read.dated()) {
            counts.putLast(dated.denial(), count(dated.denial()) + 1);
            dated.time().ifPresent(time -> last.merge(dated.denial(), time, Denials::later));
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** When it was seen last; empty if no record says it. */
    Optional<Instant> last(Denial denial) {
        return Optional.ofNullable(last.get(denial));
    }

    /** At most {@value #MOST}, the newest last. */
    List<Denial> newest() {
        return counts.keySet().stream().skip(leftOut()).toList();
    }

    long count(Denial denial) {
        return counts.getOrDefault(denial, 0L);
    }

    /** The number of those that are older than the newest. */
    long leftOut() {
        return Math.max(0, counts.size() - MOST);
    }
}
