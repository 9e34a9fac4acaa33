package labeler.api;

import java.util.Optional;
import labeler.json.Inlined;
import labeler.json.LeftOut;
import labeler.lifecycle.GuardState;
import labeler.lifecycle.VmView;
import labeler.plan.Treatment;

/**
 * A VM in a list for people who watch many: what there is to be seen of it, in numbers.
 *
 * @param labelCount how many of its files have a label of their own
 * @param problemCount of the VM as it is
 * @param check what the last comparison of its labels found; empty if none was made since the service's start
 */
public record VmOverview(
        @Inlined BriefVm vm,
        GuardState guard,
        long labelCount,
        long problemCount,
        long warningCount,
        @LeftOut Optional<VmAnswer.Check> check) {
    public static VmOverview of(VmAnswer answer) {
        VmView vm = answer.vm();
        return new VmOverview(
                BriefVm.of(vm),
                vm.guard(),
                vm.files().stream()
                        .filter(file -> file.treatment() == Treatment.LABEL)
                        .count(),
                vm.problems().size(),
                vm.warnings().size(),
                answer.check());
    }
}
