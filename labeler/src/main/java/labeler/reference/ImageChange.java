package labeler.reference;

/**
 * The effect of a successful start on an image on record.
 *
 * @param before the record by which its header was judged
 * @param after the record with the header's present references
 */
public record ImageChange(KnownImage before, KnownImage after) {
    /** Whether there is anything to write. */
    public boolean isAny() {
        return !before.withoutHolds().equals(after.withoutHolds());
    }

    /** Whether nobody has judged the image since. */
    public boolean isStillOf(KnownImage now) {
        return now.isJudgedAs(before);
    }
}
