package labeler.guard.relay;

import labeler.vm.VmName;

/** Makes the judge of each guarded VM, whose monitor has just been reached. */
@FunctionalInterface
public interface Judges {
    Judge of(VmName vm, Questions qemu);
}
