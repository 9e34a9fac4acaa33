package labeler.lifecycle.stop;

import jakarta.inject.Inject;
import labeler.guard.place.GuardedVms;
import labeler.journal.VmRecord;
import labeler.launch.Handovers;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.hold.NotFollowed;

/** The belongings of a VM beside its files: a guard, a runtime directory, descriptors that wait for it. */
record VmBelongings(GuardedVms guards, RuntimeDirectories runtime, Handovers handovers, NotFollowed notFollowed) {
    @Inject
    VmBelongings {}

    /** Removes all of it: the VM is gone. */
    void remove(VmRecord vm) {
        guards.remove(vm.name());
        runtime.remove(vm.name());
        notFollowed.forget(vm.name());
        withdraw(vm);
    }

    /** Takes back the descriptors that its process has not fetched. */
    void withdraw(VmRecord vm) {
        vm.process().ifPresent(handovers::withdraw);
    }
}
