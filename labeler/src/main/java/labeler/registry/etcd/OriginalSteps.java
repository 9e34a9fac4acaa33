package labeler.registry.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.registry.Claim;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;
import labeler.registry.etcd.value.FileEntry;
import labeler.registry.etcd.value.RefusedException;
import labeler.selinux.StoredLabel;

/** The second half of a claim: the labels that its fresh files had. */
record OriginalSteps(Context context, Deadline deadline) {
    /** One operation a file, and room for the host's entry. */
    private static final int FILES = 100;

    void record(Claim claim, Map<SharedFile, Optional<StoredLabel>> read) throws RefusedException {
        for (List<Claim.FreshFile> part : Context.parts(claim.fresh(), FILES)) {
            if (!part.isEmpty()) {
                recordPart(claim, part, read);
            }
        }
    }

    private void recordPart(Claim claim, List<Claim.FreshFile> part, Map<SharedFile, Optional<StoredLabel>> labels)
            throws RefusedException {
        Transaction.Builder transaction = new Transaction.Builder();
        List<Transaction.Operation> reads = new ArrayList<>();
        for (Claim.FreshFile file : part) {
            String key = context.keys().file(file.file());
            FileEntry fresh = FileEntry.fresh(context.host(), claim.id(), file);
            Optional<StoredLabel> label = Optional.ofNullable(labels.get(file.file()))
                    .orElseThrow(() -> new IllegalArgumentException("nobody has read the label of " + file.path()));
            transaction
                    .when(new Transaction.HasValue(key, context.entries().write(fresh)))
                    .then(Transaction.Put.of(key, context.entries().write(fresh.read(label))));
            reads.add(new Transaction.Read(key));
        }
        while (!(context.session().run(transaction.build(), deadline) instanceof Session.Committed)) {
            if (isRecorded(claim, part, context.session().read(reads, deadline))) {
                return;
            }
        }
    }

    /** Whether a lost answer came true; refused if a file is no more as it was claimed. */
    private boolean isRecorded(Claim claim, List<Claim.FreshFile> part, Result now) throws RefusedException {
        boolean isRecorded = true;
        for (Claim.FreshFile file : part) {
            FileEntry entry = context.file(file.file(), now)
                    .filter(found -> found.claim().equals(claim.id()))
                    .orElseThrow(() -> new RefusedException(new Refusal.Outdated(
                            "the cluster has no claim of this VM on " + file.path() + " any more")));
            isRecorded &= entry.state() == FileEntry.State.HELD;
        }
        return isRecorded;
    }
}
