package labeler.tree;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.FileIdentity;
import labeler.linux.Timestamp;
import labeler.selinux.StoredLabel;

/**
 * The labels that the files of a tree had, by inode and birth time, so that a new name makes no difference. It is a view
 * of the bytes of a table: a hundred thousand files take a few megabytes.
 */
final class Originals {
    static final Originals NONE = new Originals(ByteBuffer.allocate(0), List.of(), Set.of());

    /** Inode, seconds and nanoseconds of the birth, number of the label. */
    static final int ENTRY = Long.BYTES + Long.BYTES + Integer.BYTES + Integer.BYTES;

    private final ByteBuffer entries;
    private final List<Optional<StoredLabel>> labels;
    private final Set<StoredLabel> applied;

    /** Positions of entries plus one, by a hash of the inode; 0 is free. */
    private final int[] places;

    /**
     * A view.
     *
     * @param entries of {@link #ENTRY} bytes each
     * @param labels by their numbers
     * @param applied labels of ours that files of the tree may have
     */
    Originals(ByteBuffer entries, List<Optional<StoredLabel>> labels, Set<StoredLabel> applied) {
        this.entries = entries;
        this.labels = List.copyOf(labels);
        this.applied = Set.copyOf(applied);
        int count = entries.limit() / ENTRY;
        this.places = new int[Integer.highestOneBit(Math.max(1, count)) * 4];
        for (int entry = 0; entry < count; entry++) {
            int place = place(entries.getLong(entry * ENTRY));
            while (places[place] != 0) {
                place = (place + 1) % places.length;
            }
            places[place] = entry + 1;
        }
    }

    private int place(long inode) {
        return (int) (((inode * 0x9E3779B97F4A7C15L) >>> 33) % places.length);
    }

    Set<StoredLabel> applied() {
        return applied;
    }

    /** Whether it is one of our labels, or of a file that a process of the VM made: that one's user may be another. */
    boolean isOurs(Optional<StoredLabel> label) {
        if (label.isEmpty()) {
            return false;
        }
        return applied.contains(label.get())
                || (label.get().level().isPresent()
                        && applied.stream()
                                .anyMatch(own -> own.level().equals(label.get().level())));
    }

    int size() {
        return entries.limit() / ENTRY;
    }

    /** The original of this very file: an empty label if it had none; nothing at all if it is not in the table. */
    Optional<Optional<StoredLabel>> of(FileIdentity identity) {
        Timestamp birth = identity.birth().orElseThrow();
        int place = place(identity.inode());
        while (places[place] != 0) {
            int at = (places[place] - 1) * ENTRY;
            if (entries.getLong(at) == identity.inode()
                    && entries.getLong(at + Long.BYTES) == birth.seconds()
                    && entries.getInt(at + 2 * Long.BYTES) == birth.nanoseconds()) {
                return Optional.of(labels.get(entries.getInt(at + 2 * Long.BYTES + Integer.BYTES)));
            }
            place = (place + 1) % places.length;
        }
        return Optional.empty();
    }
}
