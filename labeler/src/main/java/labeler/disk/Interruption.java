package labeler.disk;

/** The wish of a person that a job be cancelled. */
@FunctionalInterface
public interface Interruption {
    boolean isRaised();
}
