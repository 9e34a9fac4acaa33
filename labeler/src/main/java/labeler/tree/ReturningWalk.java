package labeler.tree;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Optional;
import labeler.linux.DirectoryEntries;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.selinux.StoredLabel;

/** Gives back what the files had. It goes on after errors, and says at its end that there were some. */
final class ReturningWalk implements TreeWalk.Visitor {
    private final TreeMeans means;
    private final Originals originals;
    private final Trees.Return back;

    /** The originals of the directories on the way, the root's last. */
    private final Deque<Optional<StoredLabel>> directories = new ArrayDeque<>();

    private final TreeMeans.Reading reading;
    private long failures;
    private String first = "";

    ReturningWalk(TreeMeans means, Originals originals, Trees.Return back) {
        this.means = means;
        this.originals = originals;
        this.back = back;
        this.reading = means.reading();
        directories.push(back.original());
    }

    /** @throws IOException if something was not given back, or not looked at */
    void throwFailures() throws IOException {
        if (failures > 0) {
            throw new IOException("not everything in the tree has its earlier label again: " + first
                    + (failures > 1 ? ", and " + (failures - 1) + " more such errors" : ""));
        }
    }

    @Override
    public void failed(LinuxException e) {
        failed(String.valueOf(e.getMessage()));
    }

    private void failed(String message) {
        if (failures == 0) {
            first = message;
        }
        failures++;
    }

    @Override
    public void visit(OpenedFile directory, DirectoryEntries.Entry entry, DirectoryEntries.Child child) {
        OpenedFile file = child.file();
        Optional<StoredLabel> original = originals.of(file.identity()).orElseGet(directories::element);
        Optional<StoredLabel> after = original;
        try {
            Optional<StoredLabel> found = reading.of(file);
            if (found.equals(original)) {
                writeAnew(file, original);
            } else if (!isOurs(found)) {
                after = found;
            } else if (isOfTree(directory, entry, child, found)) {
                means.put(file, original);
            }
        } catch (LinuxException e) {
            failed(e);
        }
        if (file.status().type() == FileType.DIRECTORY) {
            directories.push(after);
        }
    }

    /** In a tree that was given back before, a label without a category pair is that of the next user. */
    private boolean isOurs(Optional<StoredLabel> found) {
        return originals.isOurs(found)
                && (!back.isAgain() || found.flatMap(StoredLabel::level).isPresent());
    }

    /**
     * A label of content may be that of the file's own record, or of somebody else. A file that is not in the table has to
     * be one that the VM made: others may have been put there since.
     */
    private boolean isOfTree(
            OpenedFile directory,
            DirectoryEntries.Entry entry,
            DirectoryEntries.Child child,
            Optional<StoredLabel> found)
            throws LinuxException {
        OpenedFile file = child.file();
        if (means.records().isHeld(file.identity())) {
            return false;
        }
        boolean isContent = found.flatMap(StoredLabel::level).isEmpty();
        boolean isInTable = originals.contains(file.identity());
        if ((isContent || !isInTable) && means.records().isOnRecord(file.identity())) {
            return false;
        }
        return isInTable
                || !isContent
                || file.status().type() == FileType.DIRECTORY
                || (child.links() == 1 && isStillHere(directory, entry, file));
    }

    private boolean isStillHere(OpenedFile directory, DirectoryEntries.Entry entry, OpenedFile file)
            throws LinuxException {
        if (means.entries().hasStill(directory, entry.name(), file)) {
            return true;
        }
        if (file.path().length() > HostPath.MAXIMUM_LENGTH) {
            failed(file.path().printable() + ": its path is too long to tell whether the VM made it; move it up");
        }
        return false;
    }

    /** The kernel writes changes only, and an equal value is no change. */
    private void writeAnew(OpenedFile file, Optional<StoredLabel> original) throws LinuxException {
        if (!back.isAnew()
                || !originals.contains(file.identity())
                || means.records().isHeld(file.identity())
                || means.records().isOnRecord(file.identity())) {
            return;
        }
        Optional<StoredLabel> another = originals.applied().stream()
                .filter(label -> !Optional.of(label).equals(original))
                // A label with a pair is certainly ours, whatever happens in between.
                .max(Comparator.comparing(label -> label.level().isPresent()));
        if (another.isPresent()) {
            means.put(file, another);
            means.put(file, original);
        }
    }

    @Override
    public void elsewhere(OpenedFile begins) {
        failed(begins.path().printable()
                + ": something is mounted there since the tree was labelled; unmount it to give back what is below it");
    }

    @Override
    public void left(OpenedFile directory) {
        directories.pop();
    }
}
