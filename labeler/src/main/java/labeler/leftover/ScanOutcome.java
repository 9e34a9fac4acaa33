package labeler.leftover;

/** The result of a scan. */
public sealed interface ScanOutcome {
    record Scanned(ScanPage page) implements ScanOutcome {}

    /**
     * The directory in the request cannot be searched.
     *
     * @param message one line, with the way out
     */
    record NoSuchPlace(String message) implements ScanOutcome {}

    /**
     * Nothing was read, since nobody can say which pairs are in use; or a file system does not answer, and nobody waits for
     * the rest.
     *
     * @param message one line
     */
    record NotScanned(String message) implements ScanOutcome {}
}
