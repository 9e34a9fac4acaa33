package labeler.guard.sense;

import labeler.journal.HoldTrigger;
import labeler.vm.DeclaredUse;

/**
 * A file that a command needs.
 *
 * @param isOutput whether qemu writes it anew: no VM may have it for anything else
 */
public record Want(DeclaredUse use, HoldTrigger end, boolean isOutput) {}
