package labeler.journal;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.reference.ImageChange;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;
import labeler.reference.WrittenTree;
import labeler.vm.VmName;

/**
 * The references in the headers of images when they were last judged, and the directory trees in which guests may write
 * headers. They are looked up, never held in memory: an image or a tree stays on record as long as there is a journal. A
 * write is on disk with the next durable one, as of a start.
 */
public interface KnownImages {
    /**
     * The record of this file.
     *
     * @param realPath to distinguish files without a birth time if their file system has come back under another number
     */
    Optional<KnownImage> knownImage(FileIdentity identity, HostPath realPath) throws JournalException;

    /** Images that this VM holds, with its own holds alone; only those of one disk if it is named. */
    List<KnownImage> imagesHeldBy(VmName vm, Optional<String> disk) throws JournalException;

    /** VMs that hold images; some may have ended unnoticed. */
    List<VmName> imageHolders() throws JournalException;

    /**
     * Records that a VM will soon be able to write these images.
     *
     * @param images those that are on record stay as they are, and the others are added as they are here
     */
    void holdImages(Collection<KnownImage> images, ImageHold hold) throws JournalException;

    /**
     * Records that a VM will soon be able to write these directory trees, and with them the images on record below them: it
     * holds these.
     *
     * @param roots the kernel's names for them
     * @param most the number of images that it holds in each
     * @return whether it holds all of them
     */
    boolean holdTrees(Collection<HostPath> roots, ImageHold hold, int most) throws JournalException;

    /**
     * Records that the VM has the trees: until it goes off the record it can write them, and it is known for ever that it
     * could.
     */
    void keepTrees(ImageHold hold) throws JournalException;

    /** The trees around a file that VMs may write, or could write earlier; the innermost first. */
    List<WrittenTree> treesAround(HostPath realPath) throws JournalException;

    /**
     * Removes a hold of a start or attach that failed, and the trees that were recorded with it.
     *
     * @param unseen images that were added with it; they go, unless somebody else has judged or holds them by now
     */
    void withdrawImages(ImageHold hold, Collection<KnownImage> unseen) throws JournalException;

    /** Records each image as a started VM has it; one that somebody else has judged by now stays as it is. */
    void changeImages(Collection<ImageChange> changes) throws JournalException;

    /**
     * Records images as a VM has seen them that only reads them. One that somebody else has judged by now, or that a VM may
     * write, stays as it is; so what a guest has written meanwhile is not believed.
     */
    void seeImages(Collection<ImageChange> seen) throws JournalException;

    /**
     * Records judged images, new or in place of the earlier record.
     *
     * @param released holds of theirs that are over
     */
    void recordImages(Collection<KnownImage> images, Collection<ImageHold> released) throws JournalException;

    /**
     * Records images whose headers were judged again after a VM has ended. The holds of each one's earlier record are over;
     * an image that is as before is not written.
     */
    void endHolds(Collection<ImageChange> judged) throws JournalException;
}
