package labeler.survey;

/** The wall that keeps a process from files that are not its VM's. */
public sealed interface ProcessWall {
    /**
     * Something does.
     *
     * @param name of the mechanism, in words
     */
    record Stands(String name) implements ProcessWall {}

    /**
     * Nothing does.
     *
     * @param why in words, for the middle of a sentence
     */
    record Missing(String why) implements ProcessWall {}

    /**
     * Nobody can tell.
     *
     * @param why in words
     */
    record Unknown(String why) implements ProcessWall {}
}
