package labeler.registry;

/** The registry's answer to a question. */
public sealed interface Answer<T> {
    /** The thing that was asked for. */
    record Given<T>(T value) implements Answer<T> {}

    /** Nothing, and why. */
    record Refused<T>(Refusal refusal) implements Answer<T> {}
}
