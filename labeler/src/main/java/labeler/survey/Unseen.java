package labeler.survey;

/**
 * Something that could not be looked at, or not be judged.
 *
 * @param what in words, with its name
 * @param why in words
 */
public record Unseen(String what, String why) {}
