package labeler.registry.etcd;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import labeler.etcd.KeyRange;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.registry.HostName;
import labeler.registry.Mine;
import labeler.registry.SharedFile;
import labeler.registry.Standing;
import labeler.registry.ToRestore;
import labeler.registry.etcd.value.FileEntry;
import labeler.registry.etcd.value.Keys;
import labeler.registry.etcd.value.PairEntry;
import labeler.registry.etcd.value.RefusedException;
import labeler.registry.etcd.value.TakenEntry;
import labeler.registry.etcd.value.VmEntry;
import labeler.selinux.CategoryPair;
import labeler.vm.VmName;

/** All that stands under a host's name. */
record Inventory(Context context, Deadline deadline) {
    /** Files that a host gives back for one that was fenced. */
    record Taken(String key, Set<SharedFile> files, Transaction.Compare asRead) {}

    /** A VM that has ended, and whose pair may still be on disk. */
    record Ended(String key, VmEntry entry, Transaction.Compare asRead) {}

    /** All keys below a host's. */
    record Listing(Map<VmName, VmEntry> vms, List<Ended> ended, List<Taken> taken) {
        /** Every file by which something of the host's may be found. */
        Set<SharedFile> files() {
            Set<SharedFile> files = new TreeSet<>();
            vms.values().forEach(entry -> files.addAll(entry.all()));
            ended.forEach(one -> files.addAll(one.entry().all()));
            taken.forEach(one -> files.addAll(one.files()));
            return files;
        }
    }

    /** Reads this host's VMs, and remembers them. */
    Mine mine() throws RefusedException {
        Listing listing = list(context.host());
        context.own().clear();
        listing.vms().forEach(context.own()::put);
        context.own().noteLeftovers();
        List<Mine.HostedVm> hosted = new ArrayList<>();
        listing.vms()
                .forEach((name, entry) ->
                        hosted.add(new Mine.HostedVm(name, entry.uuid(), entry.pair(), entry.boot(), entry.files())));
        return new Mine(hosted, restoring(listing.files()), lost(listing));
    }

    private Set<SharedFile> lost(Listing listing) throws RefusedException {
        Set<SharedFile> lost = new TreeSet<>();
        listing.vms().values().forEach(vm -> lost.addAll(vm.files()));
        for (List<SharedFile> part : Context.parts(List.copyOf(lost), Transaction.MOST_OPERATIONS)) {
            List<Transaction.Operation> reads = new ArrayList<>();
            part.forEach(file -> reads.add(new Transaction.Read(context.keys().holder(file, context.host()))));
            Result read = context.session().read(reads, deadline);
            part.stream()
                    .filter(file -> read.value(context.keys().holder(file, context.host()))
                            .isPresent())
                    .forEach(lost::remove);
        }
        return lost;
    }

    private List<ToRestore> restoring(Collection<SharedFile> files) throws RefusedException {
        List<ToRestore> restoring = new ArrayList<>();
        entries(files).forEach((file, entry) -> {
            if (entry.isRestoredBy(context.host())) {
                restoring.add(entry.toRestore(file));
            }
        });
        return restoring;
    }

    /** The records of these files, as far as there are any. */
    Map<SharedFile, FileEntry> entries(Collection<SharedFile> files) throws RefusedException {
        Map<SharedFile, FileEntry> entries = new TreeMap<>();
        for (List<SharedFile> part : Context.parts(List.copyOf(files), Transaction.MOST_OPERATIONS)) {
            List<Transaction.Operation> reads = new ArrayList<>();
            part.forEach(file -> reads.add(new Transaction.Read(context.keys().file(file))));
            Result read = context.session().read(reads, deadline);
            for (SharedFile file : part) {
                context.file(file, read).ifPresent(entry -> entries.put(file, entry));
            }
        }
        return entries;
    }

    /** The hosts beside this one that hold these files, each of which is asked for by itself: never the whole cluster. */
    Map<SharedFile, Set<HostName>> otherHolders(Collection<SharedFile> files) throws RefusedException {
        Map<SharedFile, Set<HostName>> holders = new HashMap<>();
        if (files.isEmpty()) {
            return holders;
        }
        for (List<SharedFile> part : Context.parts(List.copyOf(files), Transaction.MOST_OPERATIONS)) {
            List<Transaction.Operation> reads = new ArrayList<>();
            part.forEach(file -> reads.add(
                    new Transaction.ReadKeys(KeyRange.below(context.keys().holders(file)))));
            Result read = context.session().read(reads, deadline);
            part.forEach(file -> holders.put(file, new TreeSet<>()));
            for (String key : read.keys()) {
                context.keys()
                        .holder(key)
                        .filter(holder -> !holder.host().equals(context.host()))
                        .ifPresent(holder -> holders.getOrDefault(holder.file(), new TreeSet<>())
                                .add(holder.host()));
            }
        }
        return holders;
    }

    /** The hosts beside this one that hold the file or give it back, or that have a VM with the pair. A pair outlasts its VM. */
    Set<HostName> otherUsers(SharedFile file, CategoryPair pair) throws RefusedException {
        KeyRange holders = KeyRange.below(context.keys().holders(file));
        KeyRange hosts = KeyRange.below(context.keys().pairHosts(pair));
        Result read = context.session()
                .read(
                        List.of(
                                new Transaction.ReadKeys(holders),
                                new Transaction.Read(context.keys().file(file)),
                                new Transaction.ReadAll(hosts)),
                        deadline);
        Set<HostName> users = new TreeSet<>();
        read.keys(holders)
                .forEach(
                        key -> context.keys().holder(key).map(Keys.Holder::host).ifPresent(users::add));
        context.file(file, read)
                .filter(entry -> entry.state() == FileEntry.State.RESTORING)
                .map(FileEntry::by)
                .ifPresent(users::add);
        for (String key : read.keys(hosts)) {
            PairEntry one =
                    context.entries().read(PairEntry.class, key, read.value(key).orElseThrow());
            if (!one.host().equals(context.host()) && hasPair(one, pair)) {
                users.add(one.host());
            }
        }
        users.remove(context.host());
        return users;
    }

    /** Read under the session, as nothing else here: it decides whether this host may set a label. */
    Standing standing(SharedFile file) throws RefusedException {
        KeyRange holders = KeyRange.below(context.keys().holders(file));
        Transaction look = new Transaction(
                List.of(),
                List.of(new Transaction.Read(context.keys().file(file)), new Transaction.ReadKeys(holders)),
                List.of());
        while (true) {
            if (context.session().run(look, deadline) instanceof Session.Committed(Result read)) {
                return standing(file, holders, read);
            }
            // Its answer was lost: it is asked again under the session that has begun since.
        }
    }

    private Standing standing(SharedFile file, KeyRange holders, Result read) throws RefusedException {
        Set<HostName> hosts = new TreeSet<>();
        read.keys(holders)
                .forEach(
                        key -> context.keys().holder(key).map(Keys.Holder::host).ifPresent(hosts::add));
        if (hosts.contains(context.host())) {
            return new Standing.Held();
        }
        Optional<FileEntry> restored =
                context.file(file, read).filter(entry -> entry.state() == FileEntry.State.RESTORING);
        restored.map(FileEntry::by).ifPresent(hosts::add);
        return restored.filter(entry -> entry.isRestoredBy(context.host()))
                .<Standing>map(entry -> new Standing.GivesBack(entry.claim()))
                .orElseGet(() -> new Standing.Nothing(hosts));
    }

    private boolean hasPair(PairEntry one, CategoryPair pair) throws RefusedException {
        String key = context.keys().vm(one.host(), one.vm());
        Result read = context.session().read(List.of(new Transaction.Read(key)), deadline);
        return context.entries()
                .read(VmEntry.class, key, read)
                .filter(vm -> vm.pair().equals(pair))
                .isPresent();
    }

    Listing list(HostName host) throws RefusedException {
        KeyRange range = KeyRange.below(context.keys().vms(host));
        Result read = context.session().read(List.of(new Transaction.ReadAll(range)), deadline);
        Map<VmName, VmEntry> vms = new HashMap<>();
        List<Ended> ended = new ArrayList<>();
        List<Taken> taken = new ArrayList<>();
        for (String key : read.keys(range)) {
            Result.Value value = read.value(key).orElseThrow();
            Optional<VmName> name = VmName.parse(key.substring(range.from().length()));
            if (name.isPresent()) {
                vms.put(name.get(), context.entries().read(VmEntry.class, key, value));
            } else if (context.keys().isTaken(key)) {
                TakenEntry entry = context.entries().read(TakenEntry.class, key, value);
                taken.add(new Taken(key, entry.files(), Context.asRead(key, read)));
            } else {
                VmEntry entry = context.entries().read(VmEntry.class, key, value);
                ended.add(new Ended(key, entry, Context.asRead(key, read)));
            }
        }
        return new Listing(vms, ended, taken);
    }
}
