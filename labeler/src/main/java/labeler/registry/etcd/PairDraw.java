package labeler.registry.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import labeler.etcd.KeyRange;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.plan.Sharing;
import labeler.registry.ClaimId;
import labeler.registry.ClaimRequest;
import labeler.registry.HostName;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;
import labeler.registry.WantedFile;
import labeler.registry.Whereabouts;
import labeler.registry.etcd.value.HolderEntry;
import labeler.registry.etcd.value.PairEntry;
import labeler.registry.etcd.value.RefusedException;
import labeler.registry.etcd.value.VmEntry;
import labeler.selinux.CategoryPair;

/** The pair of a claim; another one, if the cluster has the last. */
final class PairDraw {
    private final Context context;
    private final ClaimRequest request;
    private final Deadline deadline;
    private Optional<CategoryPair> pair = Optional.empty();
    private Optional<Source> source = Optional.empty();
    private Optional<LastRun> lastRun = Optional.empty();
    private int draws;

    PairDraw(Context context, ClaimRequest request, Deadline deadline) {
        this.context = context;
        this.request = request;
        this.deadline = deadline;
    }

    /** The VM on the host from which it moves, as it was read. */
    private record Source(HostName host, VmEntry vm, String vmKey, String pairKey, Result read) {}

    /** The VM's run before this one, which has ended, and whose pair is not free yet. */
    private record LastRun(VmEntry vm, List<Transaction.Compare> asRead, String key) {}

    void begin() throws RefusedException {
        switch (request.pair()) {
            case PairChoice.Drawn drawn -> draw(drawn);
            case PairChoice.Given(CategoryPair given) -> pair = Optional.of(given);
            case PairChoice.Kept() ->
                pair = Optional.of(context.own()
                        .get(request.vm())
                        .orElseThrow(() -> new RefusedException(new Refusal.NoSuchVm(request.vm())))
                        .pair());
            case PairChoice.Moving() -> find();
        }
    }

    /** Where the VM moves from; refused if no other host has it. */
    Whereabouts whereabouts() throws RefusedException {
        find();
        return new Whereabouts(source.orElseThrow().host(), pair());
    }

    CategoryPair pair() {
        return pair.orElseThrow();
    }

    /** Whether the VM has this file on the host from which it moves. */
    boolean comesWith(SharedFile file) {
        return source.filter(from -> from.vm().files().contains(file)).isPresent();
    }

    /** The files by which something of the VM's last run may be found, which ended with the pair. */
    Set<SharedFile> filesOfLastRun() {
        return lastRun.map(last -> Set.copyOf(last.vm().all())).orElse(Set.of());
    }

    /** The comparisons that the VM still is on the host from which it moves. */
    List<Transaction.Compare> sourceAsRead() {
        return source.map(from ->
                        List.of(Context.asRead(from.vmKey(), from.read()), Context.asRead(from.pairKey(), from.read())))
                .orElse(List.of());
    }

    /** Reads again where the VM moves from; refused if it does not any more. */
    void checkSource() throws RefusedException {
        if (request.pair() instanceof PairChoice.Moving) {
            find();
        }
    }

    private void draw(PairChoice.Drawn drawn) throws RefusedException {
        pair = drawn.draws().get();
        draws++;
        if (pair.isEmpty() || draws > PairChoice.MOST_DRAWS) {
            throw new RefusedException(new Refusal.NoFreePair());
        }
    }

    /** An exclusive file of the VM tells where it runs, and the VM's entry there its pair. */
    private void find() throws RefusedException {
        UUID uuid = request.uuid()
                .orElseThrow(() -> notMoving("it has no UUID by which the other host could know it; give it one"));
        for (WantedFile wanted : request.files()) {
            KeyRange range = KeyRange.below(context.keys().holders(wanted.file()));
            Result holders = context.session().read(List.of(new Transaction.ReadAll(range)), deadline);
            for (String key : holders.keys(range)) {
                Optional<HostName> host =
                        HostName.parse(key.substring(range.from().length()));
                Optional<HolderEntry> holder = context.entries().read(HolderEntry.class, key, holders);
                if (wanted.sharing() == Sharing.EXCLUSIVE
                        && host.filter(one -> !one.equals(context.host())).isPresent()
                        && holder.flatMap(HolderEntry::vm).isPresent()
                        && findSource(host.get(), holder.get(), uuid)) {
                    return;
                }
            }
        }
        throw notMoving("no other host has a VM of its UUID with one of its disks; start it there first");
    }

    /** @return whether the VM moves from there */
    private boolean findSource(HostName host, HolderEntry holder, UUID uuid) throws RefusedException {
        String vmKey = context.keys().vm(host, holder.vm().orElseThrow());
        Result vm = context.session().read(List.of(new Transaction.Read(vmKey)), deadline);
        Optional<VmEntry> entry = context.entries()
                .read(VmEntry.class, vmKey, vm)
                .filter(one -> one.uuid().equals(Optional.of(uuid)));
        if (entry.isEmpty()) {
            return false;
        }
        String pairKey = context.keys().pair(entry.get().pair());
        Result read =
                context.session().read(List.of(new Transaction.Read(vmKey), new Transaction.Read(pairKey)), deadline);
        if (!context.entries().read(VmEntry.class, vmKey, read).equals(entry)) {
            return false;
        }
        pair = Optional.of(entry.get().pair());
        source = Optional.of(new Source(host, entry.get(), vmKey, pairKey, read));
        return true;
    }

    private RefusedException notMoving(String why) {
        return new RefusedException(new Refusal.NotMoving(request.vm(), why));
    }

    void addTo(Transaction.Builder transaction, ClaimId id) {
        List<Transaction.Compare> compares = new ArrayList<>();
        PairEntry entry = new PairEntry(id, context.host(), request.vm(), request.uuid());
        String text = context.entries().write(entry);
        switch (request.pair()) {
            case PairChoice.Kept() -> {
                return;
            }
            case PairChoice.Drawn _, PairChoice.Given _ -> {
                lastRun.ifPresentOrElse(
                        last -> {
                            compares.addAll(last.asRead());
                            transaction.then(new Transaction.Delete(last.key()));
                        },
                        () -> compares.add(new Transaction.Absent(context.keys().pair(pair()))));
                transaction.then(Transaction.Put.of(context.keys().pair(pair()), text));
            }
            case PairChoice.Moving() -> compares.addAll(sourceAsRead());
        }
        compares.forEach(transaction::when);
        transaction.then(Transaction.Put.of(context.keys().pair(pair(), context.host()), text));
    }

    /** The attempt did not succeed: finds another pair if this one is the reason, or says why there is none. */
    void refused(Result now) throws RefusedException {
        Optional<PairEntry> owner =
                context.entries().read(PairEntry.class, context.keys().pair(pair()), now);
        switch (request.pair()) {
            case PairChoice.Drawn drawn -> {
                if (owner.isPresent()) {
                    draw(drawn);
                }
            }
            case PairChoice.Given(CategoryPair given) -> {
                lastRun = Optional.empty();
                if (owner.isPresent() && !findLastRun(given)) {
                    throw new RefusedException(
                            new Refusal.PairTaken(given, owner.get().host()));
                }
            }
            case PairChoice.Kept() -> {}
            case PairChoice.Moving() -> find();
        }
    }

    /**
     * A VM with a label of its own starts again: it takes the pair over from its last run here in one step, so that nobody
     * gets it in between, and with all files that may carry it.
     *
     * @return whether its last run had the pair
     */
    private boolean findLastRun(CategoryPair given) throws RefusedException {
        String key = context.keys().pair(given);
        String pairHost = context.keys().pair(given, context.host());
        String ended = context.keys().ended(context.host(), given);
        Result read = context.session()
                .read(
                        List.of(new Transaction.Read(key), new Transaction.Read(pairHost), new Transaction.Read(ended)),
                        deadline);
        boolean isSameVm = context.entries()
                .read(PairEntry.class, pairHost, read)
                .filter(entry -> entry.vm().equals(request.vm()))
                .isPresent();
        List<Transaction.Compare> asRead =
                new ArrayList<>(Context.onlyBelow(context.keys().pairHosts(given), pairHost));
        Stream.of(key, pairHost, ended).map(one -> Context.asRead(one, read)).forEach(asRead::add);
        Optional<VmEntry> before = context.entries().read(VmEntry.class, ended, read);
        lastRun = before.filter(_ -> isSameVm).map(vm -> new LastRun(vm, asRead, ended));
        return lastRun.isPresent();
    }
}
