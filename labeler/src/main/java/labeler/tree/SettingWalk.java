package labeler.tree;

import java.util.Optional;
import labeler.linux.AttributeName;
import labeler.linux.DirectoryEntries;
import labeler.linux.FileType;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.selinux.StoredLabel;

/** The second walk: labels what the first one put on record, and nothing else. */
final class SettingWalk extends LabellingWalk {
    private final TreeMeans means;
    private final StoredLabel wanted;
    private final byte[] label;
    private final Originals met;
    private final LinkedFiles linked;
    private int outside;
    private int others;

    /**
     * A walk.
     *
     * @param met by the first walk
     * @param linked of the first walk
     */
    SettingWalk(TreeMeans means, StoredLabel label, Originals met, LinkedFiles linked) {
        this.means = means;
        this.wanted = label;
        this.label = label.bytes();
        this.met = met;
        this.linked = linked;
    }

    @Override
    void visitOwn(OpenedFile directory, DirectoryEntries.Entry entry, DirectoryEntries.Child child)
            throws LinuxException, UnfitTree {
        OpenedFile file = child.file();
        FileType type = file.status().type();
        if (type != FileType.DIRECTORY && !linked.isInside(child)) {
            outside++;
            return;
        }
        // With one name, and found by another one, that may be outside by now.
        if (!met.contains(file.identity())
                || (type != FileType.DIRECTORY && !means.entries().hasStill(directory, entry.name(), file))) {
            others++;
            return;
        }
        if (means.records().isHeld(file.identity())) {
            throw UnfitTree.inUse(file);
        }
        means.attributes().set(file, AttributeName.SECURITY_SELINUX, label);
        if (means.records().isHeld(file.identity())) {
            putBack(file);
            throw UnfitTree.inUse(file);
        }
    }

    /** A VM took it in that moment. A label that it has from that VM stays. */
    private void putBack(OpenedFile file) throws LinuxException {
        Optional<Optional<StoredLabel>> original = met.of(file.identity());
        if (original.isPresent() && means.label(file).equals(Optional.of(wanted))) {
            means.put(file, original.get());
        }
    }

    Trees.Labelled result(int devices) {
        return new Trees.Labelled(outside, others, devices);
    }
}
