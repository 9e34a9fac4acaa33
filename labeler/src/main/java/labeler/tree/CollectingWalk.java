package labeler.tree;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import labeler.linux.DirectoryEntries;
import labeler.linux.FileIdentity;
import labeler.linux.FileType;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.selinux.Level;
import labeler.selinux.StoredLabel;

/**
 * The first walk: reads which label each file has. What it does not put on record gets no label: the second walk may
 * meet other files. Nothing changes.
 */
final class CollectingWalk extends LabellingWalk {
    /** Files with several names that have just changed are looked at again, a tick of the clock later. */
    private static final int MOST_PAUSES = 50;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final TreeMeans means;
    private final StoredLabel wanted;
    private final Originals before;
    private final OriginalsBuilder originals = new OriginalsBuilder();
    private final LinkedFiles linked = new LinkedFiles();
    private final TreeMeans.Reading reading;
    private Optional<StoredLabel> lastJudged = Optional.empty();
    private int pauses;

    /**
     * A walk.
     *
     * @param wanted the label that all files will get
     * @param before the originals that are on record already
     */
    CollectingWalk(TreeMeans means, StoredLabel wanted, Originals before) {
        this.means = means;
        this.wanted = wanted;
        this.before = before;
        this.reading = means.reading();
    }

    /** The files that may be labelled. */
    Originals met() {
        return originals.view();
    }

    /** The earlier labels of the files that were met, and then of others that may still have a label of ours. */
    OriginalsBuilder originals() {
        if (before.size() > 0) {
            before.addMissingTo(originals);
        }
        return originals;
    }

    LinkedFiles linked() {
        return linked;
    }

    @Override
    void visitOwn(OpenedFile directory, DirectoryEntries.Entry entry, DirectoryEntries.Child child)
            throws LinuxException, UnfitTree {
        OpenedFile file = child.file();
        FileType type = file.status().type();
        if (file.identity().birth().isEmpty()) {
            throw new UnfitTree(
                    UnfitTree.Reason.UNSUPPORTED,
                    file.path().printable() + " in it has no birth time, so that it could not be told apart later;"
                            + " copy the tree to a new ext4, XFS or btrfs");
        }
        if (means.records().isHeld(file.identity())) {
            throw UnfitTree.inUse(file);
        }
        if (type == FileType.DIRECTORY || isFirstName(directory, entry, child)) {
            collect(file);
        }
    }

    /** A name that is taken from the file meanwhile proves nothing: its other names may be outside. */
    private boolean isFirstName(OpenedFile directory, DirectoryEntries.Entry entry, DirectoryEntries.Child found)
            throws LinuxException {
        DirectoryEntries.Child child = found.links() > 1 ? settled(directory, entry, found) : found;
        if (!means.entries().hasStill(directory, entry.name(), child.file())) {
            return false;
        }
        return child.links() == 1 || linked.add(directory.identity().inode(), entry.name(), child);
    }

    /** More than one pause where one ended early, or the clock was set. */
    private DirectoryEntries.Child settled(
            OpenedFile directory, DirectoryEntries.Entry entry, DirectoryEntries.Child child) throws LinuxException {
        DirectoryEntries.Child latest = child;
        while (!LinkedFiles.isSettled(latest) && pauses < MOST_PAUSES) {
            pauses++;
            LockSupport.parkNanos(PAUSE_NANOS);
            Optional<DirectoryEntries.Child> now = means.entries().find(directory, entry.name());
            if (now.isEmpty()) {
                return latest;
            }
            try (OpenedFile again = now.get().file()) {
                if (!again.identity().equals(child.file().identity())) {
                    return latest;
                }
            }
            latest = new DirectoryEntries.Child(
                    child.file(), now.get().links(), now.get().changed());
        }
        return latest;
    }

    private void collect(OpenedFile file) throws LinuxException, UnfitTree {
        FileIdentity identity = file.identity();
        Optional<StoredLabel> label = reading.of(file);
        if (before.isOurs(label)) {
            // The directory decides for a file that the VM made.
            Optional<Optional<StoredLabel>> original = before.of(identity);
            if (original.isPresent()) {
                originals.add(identity, original.get());
            } else {
                originals.addMade(identity);
            }
            return;
        }
        if (!label.equals(lastJudged)) {
            Optional<Level> level = label.flatMap(StoredLabel::level);
            if (level.isPresent() && !level.equals(wanted.level())) {
                throw ofAnother(file, label.get(), level.get());
            }
            lastJudged = label;
        }
        originals.add(identity, label);
    }

    private UnfitTree ofAnother(OpenedFile file, StoredLabel label, Level level) {
        String what = file.path().printable() + " in it has the label " + label;
        return means.records().isReserved(level)
                ? new UnfitTree(
                        UnfitTree.Reason.IN_USE, what + " of another VM; stop that VM, or take it out of the tree")
                : new UnfitTree(
                        UnfitTree.Reason.LEFTOVER,
                        what + " of a VM or a container that is not on record; give it the policy's label with"
                                + " restorecon -F, or labeler recover --scan DIR --apply, or take it out of the tree");
    }
}
