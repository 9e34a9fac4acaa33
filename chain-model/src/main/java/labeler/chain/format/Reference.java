package labeler.chain.format;

import java.util.Optional;
import labeler.chain.FileName;

/** A file that a header names, in the header's own words. */
public sealed interface Reference {
    /** What lies below an overlay. Its name follows qemu's rules for file names: protocols, {@code json:}. */
    record Backing(FileName name, RecordedFormat format) implements Reference {}

    /**
     * Where the guest's data lies. Its name is a path and nothing else.
     *
     * @param name empty if the header has none, so that the declaration must
     */
    record DataFile(Optional<FileName> name) implements Reference {}

    /** The format that a header records for what it names. */
    sealed interface RecordedFormat {}

    /** A qemu driver, which need not exist. */
    record Driver(FileName name) implements RecordedFormat {}

    /** None: qemu would guess from the content (CVE-2010-2238). */
    record Unrecorded() implements RecordedFormat {}
}
