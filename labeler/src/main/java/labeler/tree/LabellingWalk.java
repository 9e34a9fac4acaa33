package labeler.tree;

import labeler.linux.DirectoryEntries;
import labeler.linux.FileType;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;

/** A walk of a tree that gets labels. Another file system in it is an error, and its device nodes are not the tree's. */
abstract class LabellingWalk implements TreeWalk.Visitor {
    private int devices;

    /** A file or a directory of the tree. */
    abstract void visitOwn(OpenedFile directory, DirectoryEntries.Entry entry, DirectoryEntries.Child child)
            throws LinuxException, UnfitTree;

    /** The number of device nodes that were met. Each stands for a device of the host. */
    int devices() {
        return devices;
    }

    @Override
    public final void visit(OpenedFile directory, DirectoryEntries.Entry entry, DirectoryEntries.Child child)
            throws LinuxException, UnfitTree {
        FileType type = child.file().status().type();
        if (type == FileType.BLOCK_DEVICE || type == FileType.CHARACTER_DEVICE) {
            devices++;
        } else {
            visitOwn(directory, entry, child);
        }
    }

    @Override
    public final void elsewhere(OpenedFile begins) throws UnfitTree {
        throw UnfitTree.mounted(begins);
    }
}
