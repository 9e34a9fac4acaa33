package labeler.tree;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.FileIdentity;
import labeler.linux.Timestamp;
import labeler.selinux.StoredLabel;

/** Collects the labels of a tree's files. */
final class OriginalsBuilder {
    private static final int FIRST_ENTRIES = 1024;

    private final Map<Optional<StoredLabel>, Integer> numbers = new HashMap<>();
    private final List<Optional<StoredLabel>> labels = new ArrayList<>();

    /** The number of the label that was added last: it is mostly the next one as well. */
    private int last = -1;

    private Optional<StoredLabel> lastLabel = Optional.empty();
    private ByteBuffer entries = ByteBuffer.allocate(FIRST_ENTRIES * Originals.ENTRY);

    /** @param identity with a birth time */
    void add(FileIdentity identity, Optional<StoredLabel> label) {
        add(identity, number(label));
    }

    /** A file that has had a label of ours from its beginning. */
    void addMade(FileIdentity identity) {
        add(identity, Originals.MADE);
    }

    private void add(FileIdentity identity, int number) {
        if (entries.remaining() < Originals.ENTRY) {
            entries = ByteBuffer.allocate(entries.capacity() * 2).put(entries.flip());
        }
        Timestamp birth = identity.birth().orElseThrow();
        entries.putLong(identity.inode())
                .putLong(birth.seconds())
                .putInt(birth.nanoseconds())
                .putInt(number);
    }

    private int number(Optional<StoredLabel> label) {
        if (last < 0 || !label.equals(lastLabel)) {
            last = numbered(label);
            lastLabel = label;
        }
        return last;
    }

    private int numbered(Optional<StoredLabel> label) {
        Integer known = numbers.putIfAbsent(label, labels.size());
        if (known == null) {
            labels.add(label);
            return labels.size() - 1;
        }
        return known;
    }

    List<Optional<StoredLabel>> labels() {
        return labels;
    }

    /** The collection so far, to be asked. */
    Originals view() {
        return new Originals(entries(), labels, Set.of());
    }

    /** All entries so far, from the first. */
    ByteBuffer entries() {
        return entries.duplicate().flip();
    }
}
