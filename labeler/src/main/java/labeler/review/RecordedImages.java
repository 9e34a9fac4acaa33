package labeler.review;

import java.util.Optional;
import labeler.journal.JournalException;
import labeler.journal.KnownImages;
import labeler.linux.FileSystems;
import labeler.linux.LinuxException;
import labeler.reference.KnownImage;
import labeler.reference.ReadHeader;

/** Finds the image of a header on record. */
record RecordedImages(KnownImages record, FileSystems fileSystems) {
    Optional<KnownImage> of(ReadHeader header) throws JournalException {
        return record.knownImage(header.identity(), header.realPath())
                .map(known -> isCopy(known, header) ? known.asFirstOf(header.identity()) : known);
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
