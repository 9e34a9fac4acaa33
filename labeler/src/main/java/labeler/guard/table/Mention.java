package labeler.guard.table;

/**
 * A text that a command has.
 *
 * @param argument where
 * @param text empty where it is a value of another kind
 */
public record Mention(ArgumentPath argument, TextRole role, String text) {}
