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
 * of the bytes of a table: a hundred thousand files take a few megabytes. For one thread.
 */
final class Originals {
    static final Originals NONE = new Originals(ByteBuffer.allocate(0), List.of(), Set.of());

    /** Inode, seconds and nanoseconds of the birth, number of the label. */
    static final int ENTRY = Long.BYTES + Long.BYTES + Integer.BYTES + Integer.BYTES;

    /** In place of a number: the VM made the file. */
    static final int MADE = -1;

    private final ByteBuffer entries;
    private final List<Optional<StoredLabel>> labels;
    private final Set<StoredLabel> applied;

    /** The label that was asked about last, and the answer: files that follow each other mostly have one label. */
    private Optional<StoredLabel> lastAsked = Optional.empty();

    private boolean isLastOurs;

    /** Positions of entries plus one, by a hash of the inode and the birth; 0 is free. */
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
            // The first entry counts for a file that was met twice.
            int place = place(inode(entry * ENTRY), birth(entry * ENTRY));
            if (places[place] == 0) {
                places[place] = entry + 1;
            }
        }
    }

    private long inode(int at) {
        return entries.getLong(at);
    }

    private Timestamp birth(int at) {
        return new Timestamp(entries.getLong(at + Long.BYTES), entries.getInt(at + 2 * Long.BYTES));
    }

    /** Where this file is, or where it would be. */
    private int place(long inode, Timestamp birth) {
        long mixed = (inode ^ ((long) birth.nanoseconds() << 32) ^ birth.seconds()) * 0x9E3779B97F4A7C15L;
        int place = (int) ((mixed >>> 33) % places.length);
        while (places[place] != 0) {
            int at = (places[place] - 1) * ENTRY;
            if (inode(at) == inode && birth(at).equals(birth)) {
                return place;
            }
            place = (place + 1) % places.length;
        }
        return place;
    }

    Set<StoredLabel> applied() {
        return applied;
    }

    /** Whether it is one of our labels, or of a file that a process of the VM made: that one's user may be another. */
    boolean isOurs(Optional<StoredLabel> label) {
        if (label.isEmpty()) {
            return false;
        }
        if (!label.equals(lastAsked)) {
            lastAsked = label;
            isLastOurs = isOurs(label.get());
        }
        return isLastOurs;
    }

    private boolean isOurs(StoredLabel label) {
        return applied.contains(label)
                || (label.level().isPresent()
                        && applied.stream().anyMatch(own -> own.level().equals(label.level())));
    }

    int size() {
        return entries.limit() / ENTRY;
    }

    /** The original of this very file: an empty label if it had none; nothing at all if the table has none. */
    Optional<Optional<StoredLabel>> of(FileIdentity identity) {
        int at = position(identity);
        return at < 0 || isMade(at) ? Optional.empty() : Optional.of(label(at));
    }

    private int number(int at) {
        return entries.getInt(at + 2 * Long.BYTES + Integer.BYTES);
    }

    private boolean isMade(int at) {
        return number(at) == MADE;
    }

    private Optional<StoredLabel> label(int at) {
        return labels.get(number(at));
    }

    /** Whether it is in the table, also as one that the VM made. */
    boolean contains(FileIdentity identity) {
        return position(identity) >= 0;
    }

    /** Adds all that the others do not have: of files that were not met, and may still have a label of ours. */
    void addMissingTo(OriginalsBuilder others) {
        Originals theirs = others.view();
        for (int at = 0; at < entries.limit(); at += ENTRY) {
            FileIdentity identity = new FileIdentity(0, inode(at), Optional.of(birth(at)));
            if (!theirs.contains(identity) && !isMade(at)) {
                others.add(identity, label(at));
            }
        }
    }

    /** Negative if it is not in the table. */
    private int position(FileIdentity identity) {
        if (identity.birth().isEmpty()) {
            return -1;
        }
        return (places[place(identity.inode(), identity.birth().get())] - 1) * ENTRY;
    }
}
