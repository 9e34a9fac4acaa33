package labeler.explain;

import java.util.LinkedHashMap;
import java.util.List;

/**
 * Denials, each once, with their numbers: qemu tries the same again and again. They stand in the order in which each was
 * seen last, since somebody who asks wants to know about the newest.
 */
final class Denials {
    /** More than this at once is no help for anybody. */
    static final int MOST = 200;

    private final LinkedHashMap<Denial, Long> counts = new LinkedHashMap<>();

    Denials(List<Denial> all) {
        all.forEach(denial -> counts.putLast(denial, count(denial) + 1));
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
