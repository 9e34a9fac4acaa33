package labeler.cluster;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.Holdings;
import labeler.registry.SharedFile;
import labeler.vm.VmName;

/**
 * Files that the registry has for a VM that runs, and the journal has not: the service was killed while the VM took them, or
 * the registry did not answer when the VM left them. Nothing is asked of the files.
 */
final class ForgottenFiles {
    private final Holdings holdings;
    private final OwnClaims own;
    private final SharedReturns returns;

    /** Those of the look before: a VM may be about to take them on record. */
    private Map<VmName, Set<SharedFile>> before = Map.of();

    ForgottenFiles(Holdings holdings, OwnClaims own, SharedReturns returns) {
        this.holdings = holdings;
        this.own = own;
        this.returns = returns;
    }

    /** Leaves those that it has seen before. */
    void leave() {
        Map<VmName, Set<SharedFile>> now = new HashMap<>();
        Map<VmName, VmName> vms = new HashMap<>();
        for (VmRecord vm : holdings.vms()) {
            VmName name = returns.name(vm);
            Set<SharedFile> forgotten = of(vm, name);
            if (!forgotten.isEmpty()) {
                now.put(name, forgotten);
                vms.put(name, vm.name());
            }
        }
        now.forEach((name, files) -> {
            Set<SharedFile> leaving = new HashSet<>(files);
            leaving.retainAll(before.getOrDefault(name, Set.of()));
            if (!leaving.isEmpty()) {
                returns.leaveIf(
                        () -> holdings.vm(vms.getOrDefault(name, name))
                                .filter(vm -> of(vm, name).containsAll(leaving))
                                .isPresent(),
                        name,
                        leaving);
            }
        });
        before = now;
    }

    private Set<SharedFile> of(VmRecord vm, VmName name) {
        Set<SharedFile> all = own.files(name);
        if (all.isEmpty() || vm.phase() != VmRecord.Phase.RUNNING) {
            return Set.of();
        }
        Set<SharedFile> files = StaleEntries.notOf(holdings, vm, all);
        // Asked last: who takes more files puts them on record first, and says then that it is done.
        return files.isEmpty() || own.mayHaveMore(name) ? Set.of() : files;
    }
}
