package labeler.api;

import labeler.linux.HostPath;

/**
 * The state of a hook.
 *
 * @param manager whose it is
 * @param state in one word
 * @param message one line, for people
 */
public record HookAnswer(String manager, HostPath path, String state, String message) {}
