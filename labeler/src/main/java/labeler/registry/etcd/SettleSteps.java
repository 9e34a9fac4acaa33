package labeler.registry.etcd;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.etcd.KeyRange;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;
import labeler.registry.ToRestore;
import labeler.registry.etcd.value.FileEntry;
import labeler.registry.etcd.value.RefusedException;
import labeler.registry.etcd.value.VmEntry;
import labeler.selinux.CategoryPair;
import labeler.vm.VmName;

/** The steps after the labels went back: the files' records go, and then the VM and its pair. */
record SettleSteps(Context context, Deadline deadline) {
    /** These files have their earlier labels. */
    void restored(Collection<ToRestore> files) throws RefusedException {
        for (List<ToRestore> part : Context.parts(List.copyOf(files), Context.FILES)) {
            while (!restoredPart(part)) {
                // A lost answer, or a file that was held again in between: the next read shows it.
            }
        }
    }

    private boolean restoredPart(List<ToRestore> part) throws RefusedException {
        Result read = read(part.stream().map(ToRestore::file).toList());
        Transaction.Builder transaction = new Transaction.Builder();
        boolean isDone = true;
        for (ToRestore one : part) {
            String key = context.keys().file(one.file());
            Optional<FileEntry> entry = context.file(one.file(), read)
                    .filter(found -> found.isRestoredBy(context.host()))
                    .filter(found -> found.claim().equals(one.turn()));
            if (entry.isPresent()) {
                transaction.when(Context.asRead(key, read)).then(new Transaction.Delete(key));
                isDone = false;
            }
        }
        return isDone || context.session().run(transaction.build(), deadline) instanceof Session.Committed;
    }

    private Result read(Collection<SharedFile> files) throws RefusedException {
        List<Transaction.Operation> reads = new ArrayList<>();
        files.forEach(file -> reads.add(new Transaction.Read(context.keys().file(file))));
        return context.session().read(reads, deadline);
    }

    /** Forgets a VM. Its pair stays, with the files that may carry it. */
    void end(VmName vm) throws RefusedException {
        String key = context.keys().vm(context.host(), vm);
        Optional<VmEntry> held = context.own().get(vm);
        while (held.isPresent()) {
            String ended = context.keys().ended(context.host(), held.get().pair());
            Result read =
                    context.session().read(List.of(new Transaction.Read(key), new Transaction.Read(ended)), deadline);
            Optional<VmEntry> there = context.entries().read(VmEntry.class, key, read);
            if (there.isEmpty()) {
                break;
            }
            if (!there.get().files().isEmpty()) {
                throw new RefusedException(
                        new Refusal.StillHolds(vm, there.get().all().getFirst()));
            }
            VmEntry left = there.get().and(context.entries().read(VmEntry.class, ended, read));
            Transaction transaction = new Transaction(
                    List.of(Context.asRead(key, read), Context.asRead(ended, read)),
                    List.of(
                            new Transaction.Delete(key),
                            Transaction.Put.of(ended, context.entries().write(left))),
                    List.of());
            if (context.session().run(transaction, deadline) instanceof Session.Committed) {
                break;
            }
        }
        context.own().remove(vm);
        context.own().noteLeftovers();
    }

    /** Frees pairs that nothing carries, and forgets what was taken over and is settled. */
    void settle(Set<CategoryPair> carried) throws RefusedException {
        if (!context.own().takeLeftovers()) {
            return;
        }
        boolean isSettled = false;
        try {
            Inventory inventory = new Inventory(context, deadline);
            Inventory.Listing listing = inventory.list(context.host());
            boolean all = true;
            for (Inventory.Ended ended : listing.ended()) {
                all &= !carried.contains(ended.entry().pair()) && isFreed(ended, inventory);
            }
            for (Inventory.Taken taken : listing.taken()) {
                all &= isForgotten(taken, inventory);
            }
            isSettled = all;
        } finally {
            if (!isSettled) {
                context.own().noteLeftovers();
            }
        }
    }

    /** A VM that has moved takes its pair along: then the files carry it for the other host. */
    private boolean isFreed(Inventory.Ended ended, Inventory inventory) throws RefusedException {
        CategoryPair pair = ended.entry().pair();
        String key = context.keys().pair(pair);
        String pairHost = context.keys().pair(pair, context.host());
        KeyRange hosts = KeyRange.below(context.keys().pairHosts(pair));
        Result read = context.session().read(List.of(new Transaction.ReadAll(hosts)), deadline);
        List<String> elsewhere =
                read.keys(hosts).stream().filter(host -> !host.equals(pairHost)).toList();
        if (context.own().hasPair(pair)
                || (elsewhere.isEmpty()
                        && inventory.entries(ended.entry().all()).values().stream()
                                .anyMatch(entry -> entry.joined().carries(pair)))) {
            return false;
        }
        List<Transaction.Compare> compares = new ArrayList<>(List.of(ended.asRead(), Context.asRead(pairHost, read)));
        // Two hosts that rely on each other to look would both not have looked.
        elsewhere.stream().limit(1).map(host -> Context.asRead(host, read)).forEach(compares::add);
        Transaction transaction = new Transaction(
                compares,
                List.of(
                        new Transaction.Delete(ended.key()),
                        new Transaction.Delete(pairHost),
                        new Transaction.Nested(new Transaction(
                                Context.onlyBelow(context.keys().pairHosts(pair), pairHost),
                                List.of(new Transaction.Delete(key)),
                                List.of()))),
                List.of());
        return context.session().run(transaction, deadline) instanceof Session.Committed;
    }

    private boolean isForgotten(Inventory.Taken taken, Inventory inventory) throws RefusedException {
        boolean isSettled = inventory.entries(taken.files()).values().stream()
                .noneMatch(entry -> entry.isRestoredBy(context.host()));
        return isSettled
                && context.session()
                                .run(
                                        new Transaction(
                                                List.of(taken.asRead()),
                                                List.of(new Transaction.Delete(taken.key())),
                                                List.of()),
                                        deadline)
                        instanceof Session.Committed;
    }
}
