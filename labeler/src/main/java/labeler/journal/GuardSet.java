package labeler.journal;

import labeler.linux.HostPath;

/**
 * A set of descriptors that the qemu of a guarded VM has. A node stands on it for as long as it is there, also if the set
 * has no descriptor any more.
 *
 * @param file of which all its descriptors are
 * @param isOwn whether the service has made it, and not a client
 */
public record GuardSet(HostPath file, boolean isOwn) {}
