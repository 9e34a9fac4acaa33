package labeler.explain;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Denials, each once, with their numbers: qemu tries the same again and again. */
final class Denials {
    /** More than this at once is no help for anybody. */
    static final int MOST = 200;

    private final Map<Denial, Long> counts = new LinkedHashMap<>();

    Denials(List<Denial> all) {
        all.forEach(denial -> counts.merge(denial, 1L, Long::sum));
    }

    List<Denial> first() {
        return counts.keySet().stream().limit(MOST).toList();
    }

    long count(Denial denial) {
        return counts.getOrDefault(denial, 0L);
    }

    /** The number of those that are not among the first. */
    long leftOut() {
        return Math.max(0, counts.size() - MOST);
    }
}
