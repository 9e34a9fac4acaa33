package labeler.tree;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import labeler.linux.DirectoryEntries;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Timestamp;

/**
 * Files with several names, and which of these are in the tree. Each name counts once, by its directory's inode: a
 * directory that is moved during the walk may be met twice. A rename changes a file's time of change, so a file whose
 * time stays the same has had all names that were met at one moment.
 */
final class LinkedFiles {
    /** Up to three hundred bytes each, without the name: whoever may write in the tree may make as many as he likes. */
    private static final int MOST_NAMES = 100_000;

    /** The bound of all names together. */
    private static final long MOST_BYTES = 8 << 20;

    /** Two changes within a tick of the kernel's clock, of at most 10 ms, may have one time. */
    private static final Duration TICK = Duration.ofMillis(20);

    private record Name(long directory, HostPath name) {}

    private static final class Linked {
        private final int links;
        private final Timestamp changed;
        private int met;
        private boolean isSteady;

        Linked(DirectoryEntries.Child child, boolean isSteady) {
            this.links = child.links();
            this.changed = child.changed();
            this.isSteady = isSteady;
        }
    }

    private final Map<FileIdentity, Linked> files = new HashMap<>();
    private final Set<Name> names = new HashSet<>();
    private long bytes;

    /** Whether a change of it now would have another time than the last one. */
    static boolean isSettled(DirectoryEntries.Child child) {
        Timestamp changed = child.changed();
        return Instant.ofEpochSecond(changed.seconds(), changed.nanoseconds())
                .plus(TICK)
                .isBefore(Instant.now());
    }

    /**
     * A name was met.
     *
     * @return whether it is the first of its file; never once there are too many, so that the file counts as outside
     */
    boolean add(long directory, HostPath name, DirectoryEntries.Child child) {
        FileIdentity identity = child.file().identity();
        Linked known = files.get(identity);
        if (names.size() >= MOST_NAMES || bytes >= MOST_BYTES) {
            if (known != null) {
                known.isSteady = false;
            }
            return false;
        }
        Linked file = known;
        if (file == null) {
            file = new Linked(child, isSettled(child));
            files.put(identity, file);
        }
        file.isSteady &= child.links() == file.links && child.changed().equals(file.changed);
        if (names.add(new Name(directory, name))) {
            bytes += name.length();
            file.met++;
        }
        return known == null;
    }

    /** Whether all its names were met, and it still has as many. */
    boolean isInside(DirectoryEntries.Child child) {
        Linked file = files.get(child.file().identity());
        return file == null
                ? child.links() == 1
                : file.isSteady && file.met == file.links && child.links() == file.links;
    }
}
