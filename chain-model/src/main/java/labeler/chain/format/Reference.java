package labeler.chain.format;

import java.util.Optional;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.Relation;

/** A file that a header names, in the header's own words. */
public sealed interface Reference {
    /** One that qemu opens with the image, and so part of its files. */
    sealed interface Followed extends Reference {}

    /**
     * One that qemu does not open: it refuses the image, or shows it as if it named nothing.
     *
     * @param name as the header has it: a path, perhaps of another system, or an identifier
     */
    record Unfollowed(FileName name, Relation relation) implements Reference {}

    /** What lies below an overlay. Its name follows qemu's rules for file names: protocols, {@code json:}. */
    record Backing(FileName name, RecordedFormat format) implements Followed {}

    /**
     * Where the guest's data lies. Its name is a path and nothing else.
     *
     * @param name empty if the header has none, so that the declaration must
     */
    record DataFile(Optional<FileName> name) implements Followed {}

    /**
     * A part of the disk's data. Its name is a path and nothing else, relative to the directory of the image
     * (since qemu 9.0.2).
     *
     * @param format raw for a flat one
     */
    record Extent(FileName name, ImageFormat format) implements Followed {}

    /** The format that a header records for what it names. */
    sealed interface RecordedFormat {}

    /** A qemu driver, which need not exist. */
    record Driver(FileName name) implements RecordedFormat {}

    /** None: qemu would guess from the content (CVE-2010-2238). */
    record Unrecorded() implements RecordedFormat {}

    /** None, and this image format has no place for it. */
    record Unrecordable() implements RecordedFormat {}
}
