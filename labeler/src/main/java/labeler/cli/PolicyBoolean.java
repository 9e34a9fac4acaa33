package labeler.cli;

/** A boolean of the policy, and the value that it shall have. */
record PolicyBoolean(String name, boolean value) {}
