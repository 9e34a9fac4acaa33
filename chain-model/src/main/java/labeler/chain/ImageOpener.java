package labeler.chain;

/**
 * How the walk reaches files; the only way, so that a test can see all that is opened. Implementations check the type
 * before they open, and never block.
 *
 * @param <F> the implementation's own kind of open file, which the finished {@link Chain} hands back
 */
@FunctionalInterface
public interface ImageOpener<F extends ImageFile> {
    /** Opens an existing file for reading. Relative names are relative to what the implementation says. */
    Opened<F> open(FileName name);

    /** What came of it. */
    sealed interface Opened<F extends ImageFile> {}

    record Open<F extends ImageFile>(F file) implements Opened<F> {}

    /**
     * Not opened.
     *
     * @param kind one of {@code MISSING}, {@code UNREADABLE}, {@code NOT_A_FILE}, {@code CHANGED}
     * @param detail why, in words, not naming the file
     */
    record NotOpened<F extends ImageFile>(Problem.Kind kind, String detail) implements Opened<F> {}
}
