package labeler.plan;

/** Whether this VM's qemu can be handed files that carry no label. */
public sealed interface Passing {
    /** The launcher inherits descriptors to it. */
    record Possible() implements Passing {}

    /**
     * It opens its files by itself.
     *
     * @param wayOut what to do about it: {@code start it with labeler run}
     */
    record Impossible(String wayOut) implements Passing {}

    /** It opens its files by itself, and the settings say that these are nobody's business here. */
    record Left() implements Passing {}
}
