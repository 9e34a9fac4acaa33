package labeler.registry.etcd;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.registry.SharedFile;
import labeler.registry.etcd.value.VmEntry;
import labeler.selinux.CategoryPair;
import labeler.vm.VmName;

/** The entries of this host's VMs as this service wrote them last: which of its VMs has which file. */
final class OwnVms {
    private final Map<VmName, VmEntry> entries = new HashMap<>();
    private final Map<SharedFile, Set<VmName>> users = new HashMap<>();

    /** Whether VMs that ended, or files that were taken over, may be left to settle. */
    private boolean hasLeftovers;

    synchronized void noteLeftovers() {
        hasLeftovers = true;
    }

    /** Answers once. */
    synchronized boolean takeLeftovers() {
        boolean before = hasLeftovers;
        hasLeftovers = false;
        return before;
    }

    synchronized boolean hasPair(CategoryPair pair) {
        return entries.values().stream().anyMatch(entry -> entry.pair().equals(pair));
    }

    synchronized void clear() {
        entries.clear();
        users.clear();
    }

    synchronized Optional<VmEntry> get(VmName vm) {
        return Optional.ofNullable(entries.get(vm));
    }

    synchronized Map<VmName, VmEntry> all() {
        return Map.copyOf(entries);
    }

    /** All files that VMs of this host have. */
    synchronized Set<SharedFile> files() {
        return Set.copyOf(users.keySet());
    }

    synchronized void put(VmName vm, VmEntry entry) {
        remove(vm);
        entries.put(vm, entry);
        entry.files()
                .forEach(file ->
                        users.computeIfAbsent(file, _ -> new HashSet<>()).add(vm));
    }

    synchronized void remove(VmName vm) {
        VmEntry before = entries.remove(vm);
        if (before == null) {
            return;
        }
        for (SharedFile file : before.files()) {
            users.computeIfPresent(file, (_, vms) -> {
                vms.remove(vm);
                return vms.isEmpty() ? null : vms;
            });
        }
    }

    /** Whether another VM than this one has the file. */
    synchronized boolean isUsedBeside(VmName vm, SharedFile file) {
        return users.getOrDefault(file, Set.of()).stream().anyMatch(user -> !user.equals(vm));
    }

    /** Whether this VM has the file, and no other. */
    synchronized boolean isAlone(VmName vm, SharedFile file) {
        return users.getOrDefault(file, Set.of()).equals(Set.of(vm));
    }
}
