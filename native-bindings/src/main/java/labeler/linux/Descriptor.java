package labeler.linux;

/**
 * An open file descriptor of this process, closed once. Every descriptor is close-on-exec; one that a child shall
 * inherit says so at the hand-over.
 */
public interface Descriptor extends AutoCloseable {
    /**
     * The number that the kernel knows it by.
     *
     * @throws IllegalStateException if it has been closed
     */
    int number();

    /** Closes it; a second call does nothing. Errors of close(2) lose nothing here: no descriptor is written through. */
    @Override
    void close();
}
