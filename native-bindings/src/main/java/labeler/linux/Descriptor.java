package labeler.linux;

/**
 * An open file descriptor of this process, closed once. Every descriptor is close-on-exec; if a child shall inherit
 * one, the hand-over names it.
 */
public interface Descriptor extends AutoCloseable {
    /**
     * The kernel's number for it.
     *
     * @throws IllegalStateException if it has been closed
     */
    int number();

    /**
     * Closes it; a second call does nothing. Errors of close(2) do not matter here: nothing is written through a
     * descriptor.
     */
    @Override
    void close();
}
