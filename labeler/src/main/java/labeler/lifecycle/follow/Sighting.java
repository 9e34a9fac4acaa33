package labeler.lifecycle.follow;

import java.util.function.BooleanSupplier;
import labeler.journal.VmRecord;
import labeler.vm.VmName;

/**
 * A running VM as its manager's own record shows it. What is done about it afterwards is done to this VM alone: another of
 * the same name may be on record by then.
 *
 * @param vm as it was on record when the manager's record was read
 * @param isCurrent whether its manager has told of no end since
 * @param isUnchanged whether the manager's record is still the same. It is asked again just before a label goes
 * @param labels whether the service labels what joins; if not, its manager does
 */
public record Sighting(VmRecord vm, BooleanSupplier isCurrent, BooleanSupplier isUnchanged, boolean labels) {
    VmName name() {
        return vm.name();
    }

    /** Whether the VM that is on record now is still the one that was seen. Opens nothing. */
    public boolean isOf(VmRecord now) {
        return isCurrent.getAsBoolean()
                && now.phase() == VmRecord.Phase.RUNNING
                && now.contexts().equals(vm.contexts())
                && now.process().equals(vm.process())
                && now.start().bootId().equals(vm.start().bootId())
                && now.startedBy() == vm.startedBy();
    }
}
