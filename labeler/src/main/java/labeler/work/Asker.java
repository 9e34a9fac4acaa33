package labeler.work;

/** Somebody who waits for a piece of work. */
@FunctionalInterface
public interface Asker {
    /**
     * Whether it has gone, with the name of the file system that does not answer. To be asked before a change that is
     * right for the asker alone: others may have the file by now.
     */
    boolean hasGone();
}
