package labeler.registry.etcd;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import labeler.etcd.EtcdSettings;
import labeler.etcd.Gateway;
import labeler.etcd.KeyRange;
import labeler.etcd.Members;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
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
import labeler.registry.etcd.value.RebuildEntry;
import labeler.registry.etcd.value.RefusedException;
import labeler.registry.etcd.value.TakenEntry;
import labeler.registry.etcd.value.VmEntry;
import labeler.selinux.CategoryPair;
import labeler.vm.VmName;

/** The administrator's side of a cluster: which hosts belong to it, and which of them are certainly off. */
public final class EtcdAdministration implements AutoCloseable {
    private final Questions questions;
    private final Entries entries = new Entries();
    private final Keys keys;

    private EtcdAdministration(Questions questions, Keys keys) {
        this.questions = questions;
        this.keys = keys;
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
        return new EtcdAdministration(new Questions(members, patience), keys);
    }

    /** Makes a host known. Once is enough; another machine cannot have the name. */
    public Optional<Refusal> join(Self self) {
        String key = keys.host(self.host());
        HostEntry entry = new HostEntry(self.machine(), self.boot(), "joined", 1, false, 0);
        Transaction transaction = new Transaction(
                List.of(new Transaction.Absent(key)),
                List.of(Transaction.Put.of(key, entries.write(entry))),
                List.of(new Transaction.Read(key)));
        return questions.refusal(deadline -> {
            Result result = questions.ask(transaction, deadline);
            Optional<HostEntry> there = entries.read(HostEntry.class, key, result);
            boolean isAnother =
                    there.filter(host -> !host.machine().equals(self.machine())).isPresent();
            if (isAnother) {
                throw new RefusedException(new Refusal.Outdated("another machine has joined as " + self.host()
                        + "; give this host another name by --host, or, if it was this one, and its state directory"
                        + " is lost, end its VMs, fence and forget that host elsewhere, and join again"));
            }
        });
    }

    /** From now on nothing that the host sends counts. Its power is off already: the caller has made certain of that. */
    public Optional<Refusal> fence(HostName host) {
        String key = keys.host(host);
        return questions.refusal(deadline -> {
            while (true) {
                Result read = questions.read(List.of(new Transaction.Read(key)), deadline);
                HostEntry entry = entries.read(HostEntry.class, key, read)
                        .orElseThrow(() -> new RefusedException(new Refusal.NotJoined(host)));
                if (entry.isFenced()) {
                    return;
                }
                Transaction transaction = new Transaction(
                        List.of(Context.asRead(key, read)),
                        List.of(Transaction.Put.of(key, entries.write(entry.fenced()))),
                        List.of());
                if (questions.ask(transaction, deadline).isSucceeded()) {
                    return;
                }
            }
        });
    }

    /** The hosts of the cluster, by name. */
    public Answer<List<KnownHost>> hosts() {
        return questions.answer(deadline -> {
            Result read = questions.read(List.of(new Transaction.ReadAll(KeyRange.below(keys.hosts()))), deadline);
            List<KnownHost> hosts = new ArrayList<>();
            for (Map.Entry<HostName, HostEntry> host : hosts(read).entrySet()) {
                HostName name = host.getKey();
                boolean isHeard = read.value(keys.alive(name)).isPresent();
                hosts.add(new KnownHost(name, isHeard, host.getValue().isFenced(), running(name, deadline)));
            }
            return hosts;
        });
    }

    /**
     * Whether a host that was fenced runs all the same: its service has begun anew in the boot in which it was fenced. One
     * that has booted since was off. Nobody misses the VMs of a host that has none, so that one is not waited for.
     *
     * @param waits lets some time go by; answers whether to look once more after it
     */
    public Answer<Boolean> hasComeBack(HostName host, BooleanSupplier waits) {
        return questions.answer(deadline -> {
            boolean isMissed = running(host, deadline) > 0;
            Optional<HostEntry> before = entry(host, deadline);
            Optional<HostEntry> now = before;
            while (isMissed && now.filter(HostEntry::isFenced).isPresent() && waits.getAsBoolean()) {
                now = entry(host, questions.deadline());
            }
            Optional<String> boot = before.map(HostEntry::boot);
            return now.filter(one -> !one.isFenced())
                    .filter(one -> boot.equals(Optional.of(one.boot())))
                    .isPresent();
        });
    }

    private Optional<HostEntry> entry(HostName host, Deadline deadline) throws RefusedException {
        String key = keys.host(host);
        return entries.read(HostEntry.class, key, questions.read(List.of(new Transaction.Read(key)), deadline));
    }

    private Map<HostName, HostEntry> hosts(Result read) throws RefusedException {
        KeyRange range = KeyRange.below(keys.hosts());
        Map<HostName, HostEntry> hosts = new LinkedHashMap<>();
        for (String key : read.keys(range)) {
            Optional<HostName> name = HostName.parse(key.substring(range.from().length()));
            if (name.isPresent()) {
                hosts.put(name.get(), entries.read(HostEntry.class, key, read).orElseThrow());
            }
        }
        return hosts;
    }

    /** The names of all hosts, and of those that were fenced and have not come back. */
    public record Names(Set<HostName> all, Set<HostName> fenced) {}

    /** One question, since each host asks it all the time. */
    public Answer<Names> names() {
        return questions.answer(deadline -> {
            Map<HostName, HostEntry> hosts =
                    hosts(questions.read(List.of(new Transaction.ReadAll(KeyRange.below(keys.hosts()))), deadline));
            Set<HostName> fenced = new TreeSet<>();
            hosts.forEach((name, host) -> {
                if (host.isFenced()) {
                    fenced.add(name);
                }
            });
            return new Names(new TreeSet<>(hosts.keySet()), fenced);
        });
    }

    /** The way to fill a registry that was lost. */
    public EtcdRebuild rebuild() {
        return new EtcdRebuild(questions, entries, keys);
    }

    /** A VM of a host, as it was read. */
    private record OnRecord(String key, VmEntry vm, Transaction.Compare asRead) {}

    /** The VMs on its record, without the pairs that it took in advance. */
    private int running(HostName host, Deadline deadline) throws RefusedException {
        return (int) vms(host, deadline).stream()
                .filter(one -> !isReserved(host, one))
                .count();
    }

    private boolean isReserved(HostName host, OnRecord one) {
        return VmName.parse(one.key().substring(keys.vms(host).length()))
                .filter(ReservedPair::is)
                .isPresent();
    }

    private List<OnRecord> vms(HostName host, Deadline deadline) throws RefusedException {
        KeyRange range = KeyRange.below(keys.vms(host));
        Result read = questions.read(List.of(new Transaction.ReadAll(range)), deadline);
        List<OnRecord> vms = new ArrayList<>();
        for (String key : read.keys(range)) {
            if (!keys.isTaken(key)) {
                VmEntry vm = entries.read(VmEntry.class, key, read).orElseThrow();
                vms.add(new OnRecord(key, vm, Context.asRead(key, read)));
            }
        }
        return vms;
    }

    /** Takes a host out of the cluster that has no VM on record, and frees the pairs that it took in advance. */
    public Optional<Refusal> leave(HostName host) {
        String key = keys.host(host);
        return questions.refusal(deadline -> {
            List<OnRecord> all = vms(host, deadline);
            if (!all.stream()
                    .allMatch(one -> isReserved(host, one) && one.vm().all().isEmpty())) {
                throw new RefusedException(new Refusal.HostHolds(host));
            }
            Result read = questions.read(List.of(new Transaction.Read(key)), deadline);
            for (OnRecord one : all) {
                forget(host, one, Context.asRead(key, read), deadline);
            }
            leaveEmpty(host, List.of(), deadline);
        });
    }

    /** Its name goes, if nothing stands under it any more. */
    private void leaveEmpty(HostName host, List<Transaction.Compare> more, Deadline deadline) throws RefusedException {
        String key = keys.host(host);
        String told = keys.told(host);
        String rebuild = keys.rebuild();
        while (true) {
            Result read = questions.read(
                    List.of(new Transaction.Read(key), new Transaction.Read(told), new Transaction.Read(rebuild)),
                    deadline);
            List<Transaction.Compare> compares = new ArrayList<>(more);
            compares.add(new Transaction.NoneIn(KeyRange.below(keys.vms(host))));
            List<Transaction.Operation> operations =
                    new ArrayList<>(List.of(new Transaction.Delete(key), new Transaction.Delete(told)));
            Optional<RebuildEntry> without = rebuild().without(host, read);
            if (without.isPresent()) {
                compares.add(Context.asRead(rebuild, read));
                operations.add(Transaction.Put.of(rebuild, entries.write(without.get())));
            }
            Result result = questions.ask(
                    new Transaction(
                            compares, operations, List.of(new Transaction.Read(key), new Transaction.Read(rebuild))),
                    deadline);
            // It is gone already if an answer was lost.
            if (result.isSucceeded() || result.value(key).isEmpty()) {
                return;
            }
            if (result.value(rebuild).equals(read.value(rebuild))) {
                throw new RefusedException(new Refusal.HostHolds(host));
            }
        }
    }

    /**
     * Takes a fenced host out of the cluster for good, and frees its pairs. Every file of it was given back by another host
     * before. Its disks are gone, or nobody will ever start it again: a VM of it that runs all the same shares its pair.
     */
    public Optional<Refusal> forget(HostName host) {
        String key = keys.host(host);
        return questions.refusal(deadline -> {
            Result read = questions.read(List.of(new Transaction.Read(key)), deadline);
            HostEntry entry = entries.read(HostEntry.class, key, read)
                    .orElseThrow(() -> new RefusedException(new Refusal.NotJoined(host)));
            if (!entry.isFenced()) {
                throw new RefusedException(new Refusal.NotFenced(host));
            }
            Transaction.Compare isFenced = Context.asRead(key, read);
            for (OnRecord one : vms(host, deadline)) {
                refuseUnsettled(host, one.vm(), deadline);
                forget(host, one, isFenced, deadline);
            }
            forgetTaken(host, isFenced, deadline);
            leaveEmpty(host, List.of(isFenced), deadline);
        });
    }

    private void refuseUnsettled(HostName host, VmEntry vm, Deadline deadline) throws RefusedException {
        for (SharedFile file : vm.all()) {
            String holder = keys.holder(file, host);
            Result read = questions.ask(
                    Transaction.reading(List.of(new Transaction.Read(keys.file(file)), new Transaction.Read(holder))),
                    deadline);
            Optional<FileEntry> entry = entries.read(FileEntry.class, keys.file(file), read);
            if (read.value(holder).isPresent()
                    || entry.filter(one -> one.joined().carries(vm.pair())).isPresent()) {
                throw new RefusedException(new Refusal.HostHolds(host));
            }
        }
    }

    /** The host may have died while it gave back for another one: then a third has also taken that over. */
    private void forgetTaken(HostName host, Transaction.Compare isFenced, Deadline deadline) throws RefusedException {
        KeyRange range = KeyRange.below(keys.vms(host));
        Result listed = questions.read(List.of(new Transaction.ReadAll(range)), deadline);
        for (String key : listed.keys(range)) {
            if (keys.isTaken(key)) {
                TakenEntry taken = entries.read(TakenEntry.class, key, listed).orElseThrow();
                for (SharedFile file : taken.files()) {
                    String fileKey = keys.file(file);
                    Result read = questions.read(List.of(new Transaction.Read(fileKey)), deadline);
                    if (entries.read(FileEntry.class, fileKey, read)
                            .filter(one -> one.isRestoredBy(host))
                            .isPresent()) {
                        throw new RefusedException(new Refusal.HostHolds(host));
                    }
                }
                Result _ = questions.ask(
                        new Transaction(
                                List.of(isFenced, Context.asRead(key, listed)),
                                List.of(new Transaction.Delete(key)),
                                List.of()),
                        deadline);
            }
        }
    }

    /** Frees the pair of a VM that holds nothing, unless the VM or its host has changed meanwhile. */
    private void forget(HostName host, OnRecord one, Transaction.Compare isSameHost, Deadline deadline)
            throws RefusedException {
        CategoryPair pair = one.vm().pair();
        String pairHost = keys.pair(pair, host);
        Transaction transaction = new Transaction(
                List.of(isSameHost, one.asRead()),
                List.of(
                        new Transaction.Delete(one.key()),
                        new Transaction.Delete(pairHost),
                        new Transaction.Nested(new Transaction(
                                Context.onlyBelow(keys.pairHosts(pair), pairHost),
                                List.of(new Transaction.Delete(keys.pair(pair))),
                                List.of()))),
                List.of(new Transaction.Read(one.key())));
        Result result = questions.ask(transaction, deadline);
        // It is gone already if an answer was lost.
        if (!result.isSucceeded() && result.value(one.key()).isPresent()) {
            throw new RefusedException(new Refusal.HostHolds(host));
        }
    }

    /** Registers a storage under a name. The same again is no fault; another one is, and so is another name for it. */
    public Optional<Refusal> addStorage(StorageName name, Storage storage) {
        return new RegisteredStorages(questions, entries, keys).add(name, storage);
    }

    /** The storages of the cluster. */
    public Answer<Map<StorageName, Storage>> storages() {
        return new RegisteredStorages(questions, entries, keys).all();
    }

    /**
     * Why nothing can be written under a host's name; empty if something can. Changes nothing: no host's entry is empty. A
     * registry without space answers questions and takes nothing, and refuses this as it would refuse a claim.
     *
     * @param asker who asks, in words: its rights are what may be missing
     */
    public Optional<Refusal> unwritable(HostName host, String asker) {
        String key = keys.host(host);
        Optional<Refusal> unwritable = questions.refusal(deadline -> {
            Result _ = questions.ask(
                    new Transaction(
                            List.of(new Transaction.HasValue(key, "")),
                            List.of(Transaction.Put.of(key, "")),
                            List.of()),
                    deadline);
        });
        return unwritable.map(
                refusal -> refusal instanceof Refusal.Denied(String why) && why.contains("permission denied")
                        ? new Refusal.Denied(asker + " may not write " + key + ": grant it (docs/cluster.md)")
                        : refusal);
    }

    @Override
    public void close() {
        questions.members().close();
    }
}
