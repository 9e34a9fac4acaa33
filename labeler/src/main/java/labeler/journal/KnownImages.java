package labeler.journal;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.reference.ImageChange;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;
import labeler.vm.VmName;

/**
 * What the headers of images referred to when they were last judged. It is looked up, and never held in memory: an image
 * stays on record for as long as there is a journal. A write is on disk with the next durable one, as that of a start.
 */
public interface KnownImages {
    /**
     * What is on record of this file.
     *
     * @param realPath tells files without a birth time apart where their file system has come back under another number
     */
    Optional<KnownImage> knownImage(FileIdentity identity, HostPath realPath) throws JournalException;

    /** Images that this VM holds, with its own holds alone; of one disk where that is named. */
    List<KnownImage> imagesHeldBy(VmName vm, Optional<String> disk) throws JournalException;

    /** VMs that hold images; some may have ended while nobody looked. */
    List<VmName> imageHolders() throws JournalException;

    /**
     * Puts on record that a VM is about to be able to write these images.
     *
     * @param images those that are on record stay as they are, and the others come on record as they are here
     */
    void holdImages(Collection<KnownImage> images, ImageHold hold) throws JournalException;

    /**
     * Takes back a hold of which nothing came.
     *
     * @param unseen images that came on record with it: they go again, unless somebody else has judged or holds them by now
     */
    void withdrawImages(ImageHold hold, Collection<KnownImage> unseen) throws JournalException;

    /** Each image as a VM has it that has started; one that somebody else has judged meanwhile stays as it is. */
    void changeImages(Collection<ImageChange> changes) throws JournalException;

    /**
     * Images as they were judged, new or in place of what was on record.
     *
     * @param released holds of theirs that are over
     */
    void recordImages(Collection<KnownImage> images, Collection<ImageHold> released) throws JournalException;
}
