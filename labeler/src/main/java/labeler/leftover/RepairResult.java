package labeler.leftover;

import labeler.linux.HostPath;

/**
 * A file with a label that somebody left, and the result.
 *
 * @param done whether it has another label now
 * @param message one line, for people
 */
public record RepairResult(HostPath path, boolean done, String message) {}
