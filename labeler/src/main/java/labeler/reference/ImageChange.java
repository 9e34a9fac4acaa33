package labeler.reference;

/**
 * What a start that came to pass makes of an image on record.
 *
 * @param before by which its header was judged
 * @param after with what the header says now
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
