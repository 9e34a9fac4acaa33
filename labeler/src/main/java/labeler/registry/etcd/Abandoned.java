package labeler.registry.etcd;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.registry.ClaimId;
import labeler.registry.SharedFile;
import labeler.vm.VmName;

/** Claims without an answer. */
final class Abandoned {
    private final Map<VmName, Attempted> claims = new HashMap<>();

    /**
     * A claim that may be in the registry.
     *
     * @param before files that the VM had before it
     * @param isOfRunning whether the VM was there before it, and stays
     */
    record Attempted(ClaimId claim, Set<SharedFile> before, boolean isOfRunning) {
        Attempted {
            before = Set.copyOf(before);
        }
    }

    synchronized void add(VmName vm, Attempted attempted) {
        claims.put(vm, attempted);
    }

    synchronized Optional<Attempted> get(VmName vm) {
        return Optional.ofNullable(claims.get(vm));
    }

    synchronized Set<VmName> vms() {
        return Set.copyOf(claims.keySet());
    }

    synchronized void remove(VmName vm) {
        claims.remove(vm);
    }

    synchronized void clear() {
        claims.clear();
    }
}
