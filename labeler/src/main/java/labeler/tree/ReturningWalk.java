package labeler.tree;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import labeler.linux.DirectoryEntries;
import labeler.linux.FileType;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.selinux.StoredLabel;

/** Gives back what the files had. It goes on after errors, and says at its end that there were some. */
final class ReturningWalk implements TreeWalk.Visitor {
    private final TreeMeans means;
    private final Originals originals;

    /** The originals of the directories on the way, the root's last. */
    private final Deque<Optional<StoredLabel>> directories = new ArrayDeque<>();

    private final TreeMeans.Reading reading;
    private int changed;
    private long failures;
    private String first = "";

    ReturningWalk(TreeMeans means, Originals originals, Optional<StoredLabel> rootsOriginal) {
        this.means = means;
        this.originals = originals;
        this.reading = means.reading();
        directories.push(rootsOriginal);
    }

    /** The number of files that have another label now. */
    int changed() {
        return changed;
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
        Optional<StoredLabel> original = originals.of(child.file().identity()).orElseGet(directories::element);
        Optional<StoredLabel> after = original;
        try {
            Optional<StoredLabel> found = reading.of(child.file());
            if (!originals.isOurs(found)) {
                after = found;
            } else if (!found.equals(original) && isOfTree(child, found)) {
                means.put(child.file(), original);
                changed++;
            }
        } catch (LinuxException e) {
            failed(e);
        }
        if (child.file().status().type() == FileType.DIRECTORY) {
            directories.push(after);
        }
    }

    /** A file that is not in the table has to be one that the VM made: others may have been put there since. */
    private boolean isOfTree(DirectoryEntries.Child child, Optional<StoredLabel> found) {
        OpenedFile file = child.file();
        if (means.records().isHeld(file.identity())) {
            return false;
        }
        if (originals.contains(file.identity())) {
            return true;
        }
        boolean isContentOfOthers = found.flatMap(StoredLabel::level).isEmpty()
                && file.status().type() != FileType.DIRECTORY
                && child.links() > 1;
        return !isContentOfOthers && !means.records().isOnRecord(file.identity());
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
