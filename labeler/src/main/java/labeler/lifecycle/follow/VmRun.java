package labeler.lifecycle.follow;

import labeler.vm.VmName;

/**
 * A VM from its start to its end. Another VM of its name is another run, even with the same contexts: what is done for the
 * one is never done to the other.
 *
 * @param number by which the record knows it; 0 if there was no such VM
 */
public record VmRun(VmName name, long number) {}
