package labeler.registry.etcd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.registry.ClaimId;
import labeler.registry.HostName;
import labeler.registry.SharedFile;
import labeler.registry.ToRestore;
import labeler.registry.etcd.value.FileEntry;
import labeler.registry.etcd.value.RefusedException;

/**
 * One transaction in which a host leaves files. Each file has a nested one, which decides whether the host is the last: only
 * then the file goes back, and nobody joins it until it has.
 */
final class Departure {
    private final Context context;
    private final HostName leaver;
    private final HostName restorer;
    private final ClaimId turn;
    private final Transaction.Builder transaction = new Transaction.Builder();

    /** Files that go back if nobody else holds them. */
    private final Map<SharedFile, FileEntry> leaving = new HashMap<>();

    /** Files that go back, whoever held them. */
    private final Map<SharedFile, FileEntry> goingBack = new HashMap<>();

    /** Files that another host has taken over. They may still carry the leaver's pair. */
    private final Set<SharedFile> elsewhere = new HashSet<>();

    private boolean isEmpty = true;

    /**
     * @param leaver whose holds end
     * @param restorer who gives back, another host if the leaver was fenced
     */
    Departure(Context context, HostName leaver, HostName restorer, ClaimId turn) {
        this.context = context;
        this.leaver = leaver;
        this.restorer = restorer;
        this.turn = turn;
    }

    /** @param key of the entry that names the files */
    List<Transaction.Operation> reads(List<SharedFile> part, String key) {
        List<Transaction.Operation> reads = new ArrayList<>();
        for (SharedFile file : part) {
            reads.add(new Transaction.Read(context.keys().file(file)));
            reads.add(new Transaction.Read(context.keys().holder(file, leaver)));
        }
        reads.add(new Transaction.Read(key));
        return reads;
    }

    /** Adds these files as they were read. A file without a holder was left already. */
    void add(List<SharedFile> part, Result read) throws RefusedException {
        for (SharedFile file : part) {
            String key = context.keys().file(file);
            String holder = context.keys().holder(file, leaver);
            Optional<FileEntry> entry = context.file(file, read);
            if (read.value(holder).isPresent()) {
                transaction.when(Context.asRead(key, read)).when(Context.asRead(holder, read));
                leave(file, entry);
                isEmpty = false;
            } else if (entry.filter(one -> one.isRestoredBy(restorer)).isPresent()) {
                goingBack.put(file, entry.get());
            } else if (entry.filter(one -> one.isRestoredBy(leaver)).isPresent()) {
                FileEntry next = entry.get().restoring(restorer, turn);
                transaction
                        .when(Context.asRead(key, read))
                        .then(Transaction.Put.of(key, context.entries().write(next)));
                goingBack.put(file, next);
                isEmpty = false;
            } else if (entry.isPresent()) {
                elsewhere.add(file);
            }
        }
    }

    private void leave(SharedFile file, Optional<FileEntry> entry) {
        String key = context.keys().file(file);
        String holder = context.keys().holder(file, leaver);
        Transaction.Delete noHolder = new Transaction.Delete(holder);
        if (entry.isEmpty() || entry.get().state() == FileEntry.State.RESTORING) {
            transaction.then(noHolder);
            return;
        }
        if (entry.get().state() == FileEntry.State.NEW) {
            // Nobody has read its label, so nobody has set one.
            transaction.then(noHolder).then(new Transaction.Delete(key));
            return;
        }
        FileEntry next = entry.get().restoring(restorer, turn);
        transaction.then(new Transaction.Nested(new Transaction(
                context.heldByNoneBut(leaver, file),
                // The answer shows the holder where this branch was taken.
                List.of(
                        new Transaction.Read(holder),
                        Transaction.Put.of(key, context.entries().write(next)),
                        noHolder),
                List.of(noHolder))));
        leaving.put(file, next);
    }

    /** The files that are not settled yet. */
    Set<SharedFile> unsettled() {
        Set<SharedFile> all = new HashSet<>(leaving.keySet());
        all.addAll(goingBack.keySet());
        all.addAll(elsewhere);
        return all;
    }

    /** The files that do go back, after the transaction or without one. */
    List<ToRestore> settled(Result result) {
        Map<SharedFile, FileEntry> all = new TreeMap<>(goingBack);
        leaving.forEach((file, entry) -> {
            if (result.value(context.keys().holder(file, leaver)).isPresent()) {
                all.put(file, entry);
            }
        });
        return all.entrySet().stream()
                .map(one -> one.getValue().toRestore(one.getKey()))
                .toList();
    }

    boolean isEmpty() {
        return isEmpty;
    }

    Transaction.Builder transaction() {
        return transaction;
    }
}
