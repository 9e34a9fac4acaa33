package labeler.registry.etcd;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.registry.ClaimId;
import labeler.registry.HostName;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;
import labeler.registry.ToRestore;
import labeler.registry.etcd.value.RefusedException;
import labeler.registry.etcd.value.TakenEntry;
import labeler.registry.etcd.value.VmEntry;
import labeler.vm.VmName;

/** The end of holds: of this host's own, and of those of a host that was fenced. */
record LeaveSteps(Context context, Deadline deadline) {
    /** Ends a VM's hold on files. Nobody else of this host works on them. */
    List<ToRestore> leave(VmName vm, Collection<SharedFile> files) throws RefusedException {
        Optional<VmEntry> held = context.own().get(vm);
        if (held.isEmpty()) {
            return List.of();
        }
        List<SharedFile> asked =
                held.get().all().stream().filter(files::contains).toList();
        List<ToRestore> restore = new ArrayList<>();
        for (List<SharedFile> part : Context.parts(asked, Context.FILES)) {
            restore.addAll(leavePart(vm, part));
        }
        return restore;
    }

    private List<ToRestore> leavePart(VmName vm, List<SharedFile> part) throws RefusedException {
        List<SharedFile> ending = part.stream()
                .filter(file -> !context.own().isUsedBeside(vm, file))
                .toList();
        String key = context.keys().vm(context.host(), vm);
        while (true) {
            Departure departure = new Departure(context, context.host(), context.host(), ClaimId.fresh());
            Result read = context.session().read(departure.reads(ending, key), deadline);
            VmEntry there = context.entries()
                    .read(VmEntry.class, key, read)
                    .orElseThrow(() -> new RefusedException(new Refusal.NoSuchVm(vm)));
            departure.add(ending, read);
            VmEntry after = there.without(part, departure.unsettled());
            if (departure.isEmpty() && there.equals(after)) {
                // Nothing is left to do, or a lost answer came true.
                context.own().put(vm, after);
                return departure.settled(read);
            }
            departure
                    .transaction()
                    .when(Context.asRead(key, read))
                    .then(Transaction.Put.of(key, context.entries().write(after)));
            if (context.session().run(departure.transaction().build(), deadline)
                    instanceof Session.Committed(Result done)) {
                context.own().put(vm, after);
                return departure.settled(done);
            }
        }
    }

    /**
     * Ends the holds of a fenced host on storages.
     *
     * @param fencedValue the fenced host's entry, which says so
     */
    List<ToRestore> takeOver(HostName fenced, Result.Value fencedValue, Collection<SharedFile> files)
            throws RefusedException {
        List<ToRestore> restore = new ArrayList<>();
        String key = context.keys().taken(context.host(), fenced);
        for (List<SharedFile> part : Context.parts(new TreeSet<>(files).stream().toList(), Context.FILES)) {
            restore.addAll(takeOverPart(fenced, fencedValue, part, key));
        }
        return restore;
    }

    private List<ToRestore> takeOverPart(HostName fenced, Result.Value fencedValue, List<SharedFile> part, String key)
            throws RefusedException {
        while (true) {
            Departure departure = new Departure(context, fenced, context.host(), ClaimId.fresh());
            Result read = context.session().read(departure.reads(part, key), deadline);
            departure.add(part, read);
            if (departure.isEmpty()) {
                return departure.settled(read);
            }
            Set<SharedFile> taken = new HashSet<>(departure.unsettled());
            context.entries().read(TakenEntry.class, key, read).ifPresent(before -> taken.addAll(before.files()));
            departure
                    .transaction()
                    .when(new Transaction.HasValue(context.keys().host(fenced), fencedValue.text()))
                    .when(Context.asRead(key, read))
                    .then(Transaction.Put.of(key, context.entries().write(new TakenEntry(taken))));
            switch (context.session().run(departure.transaction().build(), deadline)) {
                case Session.Committed(Result done) -> {
                    return departure.settled(done);
                }
                case Session.Failed _ -> refuseUnlessFenced(fenced, fencedValue);
                case Session.Unknown() -> {}
            }
        }
    }

    private void refuseUnlessFenced(HostName fenced, Result.Value fencedValue) throws RefusedException {
        String key = context.keys().host(fenced);
        Result read = context.session().read(List.of(new Transaction.Read(key)), deadline);
        if (read.value(key)
                .filter(value -> value.text().equals(fencedValue.text()))
                .isEmpty()) {
            throw new RefusedException(new Refusal.NotFenced(fenced));
        }
    }
}
