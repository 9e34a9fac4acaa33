package labeler.chain.format;

import java.util.Optional;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.Relation;

/** A file that a header names, in the header's own words. */
public sealed interface Reference {
    /** A reference that qemu opens with the image, so it is part of the image's files. */
    sealed interface Followed extends Reference {}

    /**
     * A reference that qemu does not open: it refuses the image, or treats it as if it named nothing.
     *
     * @param name as the header has it: a path, perhaps of another system, or an identifier
     */
    record Unfollowed(FileName name, Relation relation) implements Reference {}

    /** The file below an overlay. Its name follows qemu's rules for file names: protocols, {@code json:}. */
    record Backing(FileName name, RecordedFormat format) implements Followed {}

    /**
     * The file with the guest's data. Its name is always a path.
     *
     * @param name empty if the header has none, so that the declaration must
     */
    record DataFile(Optional<FileName> name) implements Followed {}

    /**
     * A part of the disk's data. Its name is always a path, relative to the directory of the image (since qemu 9.0.2):
     * for a part of a part, of the image that is no part.
     */
    record Extent(FileName name, ExtentKind kind) implements Followed {
        public ImageFormat format() {
            return switch (kind) {
                case FLAT -> ImageFormat.RAW;
                case SPARSE, SPACE_EFFICIENT -> ImageFormat.VMDK;
            };
        }
    }

    /** By the word that names a part and not by the part's content, qemu knows how to read it. */
    enum ExtentKind {
        /** Nothing but data. */
        FLAT,
        /** A sparse file of VMware's hosts or of its older ESX. */
        SPARSE,
        /** A sparse file of the newer ESX ({@code SESPARSE}), which names nothing. */
        SPACE_EFFICIENT
    }

    /** The format that a header records for a file that it names. */
    sealed interface RecordedFormat {}

    /** A qemu driver, which need not exist. */
    record Driver(FileName name) implements RecordedFormat {}

    /** None: qemu would guess from the content (CVE-2010-2238). */
    record Unrecorded() implements RecordedFormat {}

    /** None, and this image format has no place for it. */
    record Unrecordable() implements RecordedFormat {}
}
