package labeler.tree;

import labeler.linux.AttributeName;
import labeler.linux.DirectoryEntries;
import labeler.linux.FileType;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.selinux.StoredLabel;

/** The second walk: labels what the first one put on record, and nothing else. */
final class SettingWalk implements TreeWalk.Visitor {
    private final TreeMeans means;
    private final byte[] label;
    private final Originals met;
    private final LinkedFiles linked;
    private int labelled;
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
        this.label = label.bytes();
        this.met = met;
        this.linked = linked;
    }

    @Override
    public void visit(OpenedFile directory, DirectoryEntries.Entry entry, DirectoryEntries.Child child)
            throws LinuxException, UnfitTree {
        OpenedFile file = child.file();
        FileType type = file.status().type();
        if (type == FileType.BLOCK_DEVICE || type == FileType.CHARACTER_DEVICE) {
            return;
        }
        if (type != FileType.DIRECTORY && !linked.isInside(child)) {
            outside++;
            return;
        }
        if (!met.contains(file.identity())) {
            others++;
            return;
        }
        if (means.records().isHeld(file.identity())) {
            throw UnfitTree.inUse(file);
        }
        means.attributes().set(file, AttributeName.SECURITY_SELINUX, label);
        labelled++;
    }

    @Override
    public void elsewhere(OpenedFile begins) throws UnfitTree {
        throw UnfitTree.mounted(begins);
    }

    Trees.Labelled result(int devices) {
        return new Trees.Labelled(labelled, outside, others, devices);
    }
}
