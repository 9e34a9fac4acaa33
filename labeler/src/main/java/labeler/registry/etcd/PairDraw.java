package labeler.registry.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import labeler.etcd.KeyRange;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.plan.Sharing;
import labeler.registry.ClaimId;
import labeler.registry.ClaimRequest;
import labeler.registry.HostName;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.registry.WantedFile;
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
    private int draws;

    PairDraw(Context context, ClaimRequest request, Deadline deadline) {
        this.context = context;
        this.request = request;
        this.deadline = deadline;
    }

    /** The VM on the host from which it moves, as it was read. */
    private record Source(String vmKey, String pairKey, Result read) {}

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

    CategoryPair pair() {
        return pair.orElseThrow();
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
                        && isSource(host.get(), holder.get(), uuid)) {
                    return;
                }
            }
        }
        throw notMoving("no other host has a VM of its UUID with one of its disks; start it there first");
    }

    private boolean isSource(HostName host, HolderEntry holder, UUID uuid) throws RefusedException {
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
        pair = Optional.of(entry.get().pair());
        source = Optional.of(new Source(vmKey, pairKey, read));
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
                compares.add(new Transaction.Absent(context.keys().pair(pair())));
                transaction.then(Transaction.Put.of(context.keys().pair(pair()), text));
            }
            case PairChoice.Moving() -> {
                Source from = source.orElseThrow();
                compares.add(Context.asRead(from.vmKey(), from.read()));
                compares.add(Context.asRead(from.pairKey(), from.read()));
            }
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
                if (owner.isPresent()) {
                    throw new RefusedException(
                            new Refusal.PairTaken(given, owner.get().host()));
                }
            }
            case PairChoice.Kept() -> {}
            case PairChoice.Moving() -> find();
        }
    }
}
