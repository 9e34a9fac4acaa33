package labeler.registry.etcd;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import labeler.etcd.EtcdSettings;
import labeler.etcd.Gateway;
import labeler.etcd.KeyRange;
import labeler.etcd.Members;
import labeler.etcd.Members.Answered;
import labeler.etcd.Members.Lost;
import labeler.etcd.Members.Rejected;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.json.Json.JsonObject;
import labeler.registry.Answer;
import labeler.registry.HostName;
import labeler.registry.KnownHost;
import labeler.registry.Refusal;
import labeler.registry.ReservedPair;
import labeler.registry.SharedFile;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.registry.etcd.value.Entries;
import labeler.registry.etcd.value.FileEntry;
import labeler.registry.etcd.value.HostEntry;
import labeler.registry.etcd.value.Keys;
import labeler.registry.etcd.value.RefusedException;
import labeler.registry.etcd.value.VmEntry;
import labeler.selinux.CategoryPair;
import labeler.vm.VmName;

/** The administrator's side of a cluster: which hosts belong to it, and which of them are certainly off. */
public final class EtcdAdministration implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Members members;
    private final Entries entries = new Entries();
    private final Keys keys;
    private final Duration patience;

    private EtcdAdministration(Members members, Keys keys, Duration patience) {
        this.members = members;
        this.keys = keys;
        this.patience = patience;
    }

    /**
     * Opens the way to a cluster.
     *
     * @throws IOException if the authority's certificate cannot be used
     */
    public static EtcdAdministration of(EtcdSettings settings) throws IOException {
        return over(Gateway.to(settings), Keys.STANDARD, settings.patience());
    }

    static EtcdAdministration over(Members members, Keys keys, Duration patience) {
        return new EtcdAdministration(members, keys, patience);
    }

    /** Makes a host known. Once is enough; another machine cannot have the name. */
    public Optional<Refusal> join(Self self) {
        String key = keys.host(self.host());
        HostEntry entry = new HostEntry(self.machine(), self.boot(), "joined", 1, false, 0);
        Deadline deadline = Deadline.after(patience);
        Transaction transaction = new Transaction(
                List.of(new Transaction.Absent(key)),
                List.of(Transaction.Put.of(key, entries.write(entry))),
                List.of(new Transaction.Read(key)));
        try {
            Result result = repeat(transaction, deadline);
            Optional<HostEntry> there = entries.read(HostEntry.class, key, result);
            boolean isAnother =
                    there.filter(host -> !host.machine().equals(self.machine())).isPresent();
            return isAnother
                    ? Optional.of(new Refusal.Outdated("another machine has joined as " + self.host()
                            + "; give this host another name in [cluster] host"))
                    : Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(e.refusal());
        }
    }

    /** From now on nothing that the host sends counts. Its power is off already: the caller has made certain of that. */
    public Optional<Refusal> fence(HostName host) {
        String key = keys.host(host);
        Deadline deadline = Deadline.after(patience);
        try {
            while (true) {
                Result read = repeat(Transaction.reading(List.of(new Transaction.Read(key))), deadline);
                HostEntry entry = entries.read(HostEntry.class, key, read)
                        .orElseThrow(() -> new RefusedException(new Refusal.NotJoined(host)));
                if (entry.isFenced()) {
                    return Optional.empty();
                }
                Transaction transaction = new Transaction(
                        List.of(Context.asRead(key, read)),
                        List.of(Transaction.Put.of(key, entries.write(entry.fenced()))),
                        List.of());
                if (repeat(transaction, deadline).isSucceeded()) {
                    return Optional.empty();
                }
            }
        } catch (RefusedException e) {
            return Optional.of(e.refusal());
        }
    }

    /** The hosts of the cluster, by name. */
    public Answer<List<KnownHost>> hosts() {
        try {
            Deadline deadline = Deadline.after(patience);
            KeyRange range = KeyRange.below(keys.hosts());
            Result read = repeat(Transaction.reading(List.of(new Transaction.ReadAll(range))), deadline);
            List<KnownHost> hosts = new ArrayList<>();
            for (String key : read.keys(range)) {
                Optional<HostName> name =
                        HostName.parse(key.substring(range.from().length()));
                if (name.isPresent()) {
                    HostEntry entry = entries.read(HostEntry.class, key, read).orElseThrow();
                    boolean isHeard = read.value(keys.alive(name.get())).isPresent();
                    hosts.add(new KnownHost(name.get(), isHeard, entry.isFenced(), running(name.get(), deadline)));
                }
            }
            return new Answer.Given<>(hosts);
        } catch (RefusedException e) {
            return new Answer.Refused<>(e.refusal());
        }
    }

    /** The VMs on its record, without the pairs that it took in advance. */
    private int running(HostName host, Deadline deadline) throws RefusedException {
        return (int) vms(host, deadline).keySet().stream()
                .filter(key -> !isReserved(host, key))
                .count();
    }

    private boolean isReserved(HostName host, String key) {
        return VmName.parse(key.substring(KeyRange.below(keys.vms(host)).from().length()))
                .filter(ReservedPair::is)
                .isPresent();
    }

    private Map<String, VmEntry> vms(HostName host, Deadline deadline) throws RefusedException {
        KeyRange range = KeyRange.below(keys.vms(host));
        Result read = repeat(Transaction.reading(List.of(new Transaction.ReadAll(range))), deadline);
        Map<String, VmEntry> vms = new TreeMap<>();
        for (String key : read.keys(range)) {
            if (!Keys.isTaken(key)) {
                vms.put(key, entries.read(VmEntry.class, key, read).orElseThrow());
            }
        }
        return vms;
    }

    /** Takes a host out of the cluster that has no VM on record, and frees the pairs that it took in advance. */
    public Optional<Refusal> leave(HostName host) {
        String key = keys.host(host);
        Deadline deadline = Deadline.after(patience);
        try {
            Map<String, VmEntry> all = vms(host, deadline);
            boolean isIdle = all.entrySet().stream()
                    .allMatch(vm ->
                            isReserved(host, vm.getKey()) && vm.getValue().all().isEmpty());
            if (!isIdle) {
                return Optional.of(new Refusal.HostHolds(host));
            }
            Result read = repeat(Transaction.reading(List.of(new Transaction.Read(key))), deadline);
            for (Map.Entry<String, VmEntry> vm : all.entrySet()) {
                Result _ = repeat(forgetting(Context.asRead(key, read), host, vm), deadline);
            }
        } catch (RefusedException e) {
            return Optional.of(e.refusal());
        }
        return leaveEmpty(host, key);
    }

    private Optional<Refusal> leaveEmpty(HostName host, String key) {
        KeyRange vms = KeyRange.below(keys.vms(host));
        Transaction transaction =
                new Transaction(List.of(new Transaction.NoneIn(vms)), List.of(new Transaction.Delete(key)), List.of());
        try {
            return repeat(transaction, Deadline.after(patience)).isSucceeded()
                    ? Optional.empty()
                    : Optional.of(new Refusal.HostHolds(host));
        } catch (RefusedException e) {
            return Optional.of(e.refusal());
        }
    }

    /**
     * Takes a fenced host out of the cluster for good, and frees its pairs. Every file of it was given back by another host
     * before. Its disks are gone, or nobody will ever start it again: a VM of it that runs all the same shares its pair.
     */
    public Optional<Refusal> forget(HostName host) {
        Deadline deadline = Deadline.after(patience);
        String key = keys.host(host);
        try {
            Result read = repeat(Transaction.reading(List.of(new Transaction.Read(key))), deadline);
            HostEntry entry = entries.read(HostEntry.class, key, read)
                    .orElseThrow(() -> new RefusedException(new Refusal.NotJoined(host)));
            if (!entry.isFenced()) {
                throw new RefusedException(new Refusal.NotFenced(host));
            }
            Transaction.Compare isFenced = Context.asRead(key, read);
            for (Map.Entry<String, VmEntry> vm : vms(host, deadline).entrySet()) {
                refuseUnsettled(host, vm.getValue(), deadline);
                Result _ = repeat(forgetting(isFenced, host, vm), deadline);
            }
            return leave(host);
        } catch (RefusedException e) {
            return Optional.of(e.refusal());
        }
    }

    private void refuseUnsettled(HostName host, VmEntry vm, Deadline deadline) throws RefusedException {
        for (SharedFile file : vm.all()) {
            String key = keys.file(file);
            String holder = keys.holder(file, host);
            Result read = repeat(
                    Transaction.reading(List.of(new Transaction.Read(key), new Transaction.Read(holder))), deadline);
            Optional<FileEntry> entry = entries.read(FileEntry.class, key, read);
            if (read.value(holder).isPresent()
                    || entry.filter(one -> one.joined().carries(vm.pair())).isPresent()) {
                throw new RefusedException(new Refusal.HostHolds(host));
            }
        }
    }

    private Transaction forgetting(Transaction.Compare isFenced, HostName host, Map.Entry<String, VmEntry> vm) {
        CategoryPair pair = vm.getValue().pair();
        String pairHost = keys.pair(pair, host);
        return new Transaction(
                List.of(isFenced),
                List.of(
                        new Transaction.Delete(vm.getKey()),
                        new Transaction.Delete(pairHost),
                        new Transaction.Nested(new Transaction(
                                Context.onlyBelow(keys.pairHosts(pair), pairHost),
                                List.of(new Transaction.Delete(keys.pair(pair))),
                                List.of()))),
                List.of());
    }

    /** Registers a storage under a name. The same again is no fault; another one is. */
    public Optional<Refusal> addStorage(StorageName name, Storage storage) {
        String key = keys.storage(name);
        Transaction transaction = new Transaction(
                List.of(new Transaction.Absent(key)),
                List.of(Transaction.Put.of(key, entries.write(storage))),
                List.of(new Transaction.Read(key)));
        try {
            Optional<Storage> there = entries.read(Storage.class, key, repeat(transaction, Deadline.after(patience)));
            return there.filter(one -> !one.equals(storage)).map(_ -> new Refusal.AnotherStorage(name));
        } catch (RefusedException e) {
            return Optional.of(e.refusal());
        }
    }

    /** The storages of the cluster. */
    public Answer<Map<StorageName, Storage>> storages() {
        KeyRange range = KeyRange.below(keys.storages());
        try {
            Result read =
                    repeat(Transaction.reading(List.of(new Transaction.ReadAll(range))), Deadline.after(patience));
            Map<StorageName, Storage> storages = new TreeMap<>();
            for (String key : read.keys(range)) {
                Optional<StorageName> name =
                        StorageName.parse(key.substring(range.from().length()));
                if (name.isPresent()) {
                    storages.put(
                            name.get(), entries.read(Storage.class, key, read).orElseThrow());
                }
            }
            return new Answer.Given<>(storages);
        } catch (RefusedException e) {
            return new Answer.Refused<>(e.refusal());
        }
    }

    /** Only for a transaction that may happen twice. */
    private Result repeat(Transaction transaction, Deadline deadline) throws RefusedException {
        while (true) {
            switch (members.ask("/v3/kv/txn", transaction.json())) {
                case Answered(JsonObject json) -> {
                    return Result.of(json)
                            .orElseThrow(
                                    () -> new RefusedException(new Refusal.Denied("its answer is none of etcd's")));
                }
                case Rejected(String message) -> throw new RefusedException(new Refusal.Denied(message));
                case Lost(String why) -> {
                    if (deadline.isOver()) {
                        throw new RefusedException(new Refusal.Unreachable(why));
                    }
                    deadline.pause(PAUSE);
                }
            }
        }
    }

    /** The keys of the whole registry, hosts and storages left out: none when every VM has ended. */
    public Answer<List<String>> leftKeys() {
        KeyRange all = KeyRange.below(keys.prefix());
        try {
            Result result =
                    repeat(Transaction.reading(List.of(new Transaction.ReadAll(all))), Deadline.after(patience));
            List<String> left = new ArrayList<>();
            for (String key : result.keys(all)) {
                if (!key.startsWith(keys.hosts()) && !key.startsWith(keys.storages())) {
                    left.add(key);
                }
            }
            return new Answer.Given<>(left);
        } catch (RefusedException e) {
            return new Answer.Refused<>(e.refusal());
        }
    }

    @Override
    public void close() {
        members.close();
    }
}
