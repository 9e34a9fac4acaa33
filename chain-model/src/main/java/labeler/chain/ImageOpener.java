package labeler.chain;

/**
 * The only way in which the walk reaches files, so that a test can see each opened file. Implementations check the type
 * before they open, and never block.
 *
 * @param <F> the implementation's own kind of open file, which the finished {@link Chain} hands back
 */
@FunctionalInterface
public interface ImageOpener<F extends ImageFile> {
    /** Opens an existing file for reading. The implementation decides what relative names are relative to. */
    Opened<F> open(FileName name);

    /** The result. */
    sealed interface Opened<F extends ImageFile> {}

    record Open<F extends ImageFile>(F file) implements Opened<F> {}

    /**
     * Not opened.
     *
     * @param kind one of {@code MISSING}, {@code UNREADABLE}, {@code NOT_A_FILE}, {@code CHANGED}
     * @param detail the reason in words, without the file's name
     */
    record NotOpened<F extends ImageFile>(Problem.Kind kind, String detail) implements Opened<F> {}
}
