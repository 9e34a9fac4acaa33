package labeler.registry.etcd;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.registry.SharedFile;
import labeler.registry.ToRestore;
import labeler.registry.etcd.value.RefusedException;
import labeler.registry.etcd.value.VmEntry;
import labeler.vm.VmName;

/** Takes back claims of which only a part came true, or that nobody answered. */
record TakeBackSteps(Context context, Abandoned abandoned, Deadline deadline) {
    /** All of them. */
    List<ToRestore> takeBackAll() throws RefusedException {
        List<ToRestore> restore = new ArrayList<>();
        for (VmName vm : abandoned.vms()) {
            restore.addAll(takeBack(vm));
        }
        return restore;
    }

    /** The claim of this VM, if there is one to take back. */
    List<ToRestore> takeBack(VmName vm) throws RefusedException {
        Optional<Abandoned.Attempted> attempted = abandoned.get(vm);
        if (attempted.isEmpty()) {
            return List.of();
        }
        // From here on, the claim is there or will never be.
        context.session().settle(deadline);
        String key = context.keys().vm(context.host(), vm);
        Result read = context.session().read(List.of(new Transaction.Read(key)), deadline);
        Optional<VmEntry> entry = context.entries()
                .read(VmEntry.class, key, read)
                .filter(found -> found.claim().equals(attempted.get().claim()));
        List<ToRestore> restore = List.of();
        if (entry.isPresent()) {
            context.own().put(vm, entry.get());
            restore = leave(vm, entry.get(), attempted.get());
        }
        abandoned.remove(vm);
        return restore;
    }

    private List<ToRestore> leave(VmName vm, VmEntry entry, Abandoned.Attempted attempted) throws RefusedException {
        Set<SharedFile> files = new HashSet<>(entry.files());
        files.removeAll(attempted.before());
        List<ToRestore> restore;
        try (FileGate.Pass _ = context.gate().leave(files, deadline)) {
            restore = new LeaveSteps(context, deadline).leave(vm, files);
        }
        if (!attempted.isOfRunning()) {
            new SettleSteps(context, deadline).end(vm);
        }
        return restore;
    }
}
