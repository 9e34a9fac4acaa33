package labeler.lifecycle.hold;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import labeler.journal.FileRecord;

/** The records that nobody holds, in the order in which their last holders left. Not safe for use by many threads. */
final class UnheldFiles {
    /** So many earlier labels of a file are many. Each costs a row, and its pair is taken until the file is settled. */
    private static final int CROWDED = 16;

    private final Map<Long, Long> generations = new LinkedHashMap<>();
    private final Set<Long> crowded = new HashSet<>();
    private long generation;

    /** The file's last holder has left, or its record has changed. */
    void add(long file) {
        generations.put(file, ++generation);
    }

    /** Somebody has it now. */
    void remove(long file) {
        generations.remove(file);
    }

    /** Its record is new or has changed. */
    void count(FileRecord file) {
        if (file.earlier().size() >= CROWDED) {
            crowded.add(file.id());
        } else {
            crowded.remove(file.id());
        }
    }

    /** Its record goes. */
    void forget(long file) {
        generations.remove(file);
        crowded.remove(file);
    }

    /** Whether one of them has had many labels: one more with each VM that is started and stopped in quick succession. */
    boolean isCrowded() {
        return crowded.stream().anyMatch(generations::containsKey);
    }

    boolean isStill(long file, long then) {
        Long now = generations.get(file);
        return now != null && now == then;
    }

    Collection<Map.Entry<Long, Long>> all() {
        return List.copyOf(generations.entrySet());
    }
}
