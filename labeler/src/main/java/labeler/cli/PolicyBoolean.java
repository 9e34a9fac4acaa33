package labeler.cli;

/** A boolean of the policy, and its wanted value. */
record PolicyBoolean(String name, boolean value) {}
