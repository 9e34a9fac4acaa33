package labeler.lifecycle.hold;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.journal.FileRecord;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.selinux.StoredLabel;

/** The number of times that each pair is taken: by a VM, and by each file that may carry it. For one thread at a time. */
final class PairCount {
    private final Map<CategoryPair, Integer> counts = new HashMap<>();

    Set<CategoryPair> all() {
        return Set.copyOf(counts.keySet());
    }

    boolean isTaken(CategoryPair pair) {
        return counts.containsKey(pair);
    }

    void take(CategoryPair pair) {
        counts.merge(pair, 1, Integer::sum);
    }

    void release(CategoryPair pair) {
        counts.computeIfPresent(pair, (_, count) -> count > 1 ? count - 1 : null);
    }

    void take(FileRecord file) {
        of(file).forEach(this::take);
    }

    void release(FileRecord file) {
        of(file).forEach(this::release);
    }

    /** The earlier label may have a pair as well: a static label, which a file of another VM may not share. */
    static Stream<CategoryPair> of(FileRecord file) {
        return Stream.concat(file.everApplied().stream().flatMap(label -> pair(Optional.of(label))), ofOriginal(file));
    }

    static Stream<CategoryPair> ofOriginal(FileRecord file) {
        return pair(file.original());
    }

    private static Stream<CategoryPair> pair(Optional<StoredLabel> label) {
        return label.flatMap(StoredLabel::level).map(Level::pair).stream();
    }
}
