package labeler.cli.option;

/** A boolean of the policy, and its wanted value. */
public record PolicyBoolean(String name, boolean value) {}
