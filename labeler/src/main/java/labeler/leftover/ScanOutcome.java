package labeler.leftover;

/** What came of a scan. */
public sealed interface ScanOutcome {
    record Scanned(ScanPage page) implements ScanOutcome {}

    /**
     * What was asked for cannot be looked through.
     *
     * @param message one line, with the way out
     */
    record NoSuchPlace(String message) implements ScanOutcome {}

    /**
     * Nothing was looked at, since nobody can say what is in use.
     *
     * @param message one line
     */
    record NotScanned(String message) implements ScanOutcome {}
}
