package labeler.review;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.journal.JournalException;
import labeler.journal.KnownImages;
import labeler.linux.FileSystems;
import labeler.linux.LinuxException;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;
import labeler.reference.ReadHeader;
import labeler.reference.WrittenTree;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the image of a header on record, and the directory trees in which VMs can have written headers. */
record RecordedImages(KnownImages record, FileSystems fileSystems) {
    private static final Logger LOG = LoggerFactory.getLogger(RecordedImages.class);

    /** Images in a tree that a VM holds: each is read again at its end, and a stop waits some seconds for all of them. */
    private static final int MOST_IN_TREE = 1000;

    Optional<KnownImage> of(ReadHeader header) throws JournalException {
        return record.knownImage(header.identity(), header.realPath())
                .map(known -> isCopy(known, header) ? known.asFirstOf(header.identity()) : known);
    }

    /**
     * The tree that a VM could write, and in which the image lies or lay when it was last judged. Asked only for a header
     * with references.
     */
    Optional<WrittenTree> around(ReadHeader header, Optional<KnownImage> known) throws JournalException {
        if (header.references().isEmpty()) {
            return Optional.empty();
        }
        Optional<WrittenTree> here =
                record.treesAround(header.realPath()).stream().findFirst();
        return here.isPresent() || known.isEmpty()
                ? here
                : record.treesAround(known.get().realPath()).stream().findFirst();
    }

    /**
     * Whether a VM has the image only by its directory tree, and another by its own definition: libvirt's jobs for that one
     * may have written the header, which that one's end tells from a guest's words. Until then, and after that, a name that
     * is not on record is refused, because of the tree.
     */
    boolean isLeftToAnother(VmName vm, KnownImage image) throws JournalException {
        Set<VmName> byTree = record.treesAround(image.realPath()).stream()
                .map(WrittenTree::vm)
                .collect(Collectors.toSet());
        return byTree.contains(vm)
                && record.knownImage(image.identity(), image.realPath())
                        .filter(now -> now.holds().stream().anyMatch(hold -> !byTree.contains(hold.vm())))
                        .isPresent();
    }

    /** Records the trees that a VM takes, and its holds on images in them: what it writes into these is told at its end. */
    void holdTrees(Taken taken, ImageHold hold) throws JournalException {
        if (!taken.trees().isEmpty() && !record.holdTrees(taken.trees(), hold, MOST_IN_TREE)) {
            LOG.warn(
                    "VM {}: more than {} images on record are below {}; a name that it writes into the header of"
                            + " another is refused at a start, but not told at its end",
                    hold.vm(),
                    MOST_IN_TREE,
                    taken.trees().getFirst().printable());
        }
    }

    /** The VM has these trees. */
    void keepTrees(Taken taken, ImageHold hold) throws JournalException {
        if (!taken.trees().isEmpty()) {
            record.keepTrees(hold);
        }
    }

    /**
     * A file system and its copy have images with the same inode and birth time. If the file system of the record is
     * mounted elsewhere, this image is another one. It begins with the record of the first.
     */
    private boolean isCopy(KnownImage known, ReadHeader header) {
        long device = known.identity().device();
        if (device == header.identity().device() || ReadHeader.isNamed(known.identity())) {
            return false;
        }
        try {
            return !fileSystems.mounts(device).isEmpty();
        } catch (LinuxException e) {
            // Then it counts as the same image, and its record counts as well.
            return false;
        }
    }
}
