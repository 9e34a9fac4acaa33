package labeler.journal;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
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
     * Images as they were judged, new or in place of what was on record.
     *
     * @param hold of all of them, in addition to those that they have; empty for none
     * @param released holds of theirs that are over
     */
    void recordImages(Collection<KnownImage> images, Optional<ImageHold> hold, Collection<ImageHold> released)
            throws JournalException;
}
