package labeler.registry.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.plan.Sharing;
import labeler.registry.Claim;
import labeler.registry.ClaimId;
import labeler.registry.ClaimRequest;
import labeler.registry.PairChoice;
import labeler.registry.SharedFile;
import labeler.registry.WantedFile;
import labeler.registry.etcd.FileDecision.HoldAnew;
import labeler.registry.etcd.FileDecision.Join;
import labeler.registry.etcd.FileDecision.Make;
import labeler.registry.etcd.FileDecision.Refuse;
import labeler.registry.etcd.FileDecision.Wait;
import labeler.registry.etcd.value.FileEntry;
import labeler.registry.etcd.value.HolderEntry;
import labeler.registry.etcd.value.VmEntry;
import labeler.selinux.CategoryPair;
import labeler.vm.VmName;

/** One transaction of a claim. */
final class Attempt {
    private final Context context;
    private final ClaimRequest request;
    private final ClaimId id;
    private final PairDraw pairs;
    private final boolean isFirst;
    private final Transaction.Builder transaction = new Transaction.Builder();

    /** @param isFirst whether it makes the VM and its pair; otherwise it adds files to them */
    Attempt(Context context, ClaimRequest request, ClaimId id, PairDraw pairs, boolean isFirst) {
        this.context = context;
        this.request = request;
        this.id = id;
        this.pairs = pairs;
        this.isFirst = isFirst;
    }

    /**
     * Adds a file.
     *
     * @param known the answer that the decision rests on; empty if nothing was read
     */
    void add(WantedFile wanted, FileDecision decision, Optional<Result> known) {
        SharedFile file = wanted.file();
        String key = context.keys().file(file);
        switch (decision) {
            case Make(Claim.FreshFile fresh) ->
                transaction
                        .when(new Transaction.Absent(key))
                        .then(Transaction.Put.of(
                                key, context.entries().write(FileEntry.fresh(context.host(), id, fresh))));
            case Join _ -> transaction.when(Context.asRead(key, known.orElseThrow()));
            case HoldAnew(FileEntry entry, boolean isHeld) -> {
                transaction.when(Context.asRead(key, known.orElseThrow()));
                if (isHeld) {
                    context.heldByNoneBut(context.host(), file).forEach(transaction::when);
                }
                transaction.then(Transaction.Put.of(key, context.entries().write(entry)));
            }
            case Wait _, Refuse _ -> throw new IllegalArgumentException("no claim in spite of " + decision);
        }
        Optional<VmName> owner = wanted.sharing() == Sharing.EXCLUSIVE ? Optional.of(request.vm()) : Optional.empty();
        transaction.then(Transaction.Put.of(
                context.keys().holder(file, context.host()), context.entries().write(new HolderEntry(id, owner))));
    }

    Transaction build(VmEntry entry, List<WantedFile> part) {
        String key = context.keys().vm(context.host(), request.vm());
        String text = context.entries().write(entry);
        if (isFirst) {
            transaction.when(before(key)).then(Transaction.Put.of(key, text));
            pairs.addTo(transaction, id);
        } else {
            transaction.when(new Transaction.HasValue(key, text));
            pairs.sourceAsRead().forEach(transaction::when);
        }
        reads(context, request.vm(), pairs.pair(), part).forEach(transaction::otherwise);
        return transaction.build();
    }

    private Transaction.Compare before(String key) {
        return request.pair() instanceof PairChoice.Kept
                ? new Transaction.HasValue(
                        key,
                        context.entries().write(context.own().get(request.vm()).orElseThrow()))
                : new Transaction.Absent(key);
    }

    /** All that tells what became of an attempt, or what is in its way. */
    static List<Transaction.Operation> reads(Context context, VmName vm, CategoryPair pair, List<WantedFile> part) {
        List<Transaction.Operation> reads = new ArrayList<>();
        reads.add(new Transaction.Read(context.keys().vm(context.host(), vm)));
        reads.add(new Transaction.Read(context.keys().pair(pair)));
        for (WantedFile wanted : part) {
            reads.add(new Transaction.Read(context.keys().file(wanted.file())));
            reads.add(new Transaction.Read(context.keys().holder(wanted.file(), context.host())));
        }
        return reads;
    }
}
