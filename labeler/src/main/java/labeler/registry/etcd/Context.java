package labeler.registry.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import labeler.etcd.KeyRange;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.registry.HostName;
import labeler.registry.SharedFile;
import labeler.registry.etcd.value.Entries;
import labeler.registry.etcd.value.FileEntry;
import labeler.registry.etcd.value.Keys;
import labeler.registry.etcd.value.RefusedException;

/** All that each step needs. */
record Context(Session session, Entries entries, Keys keys, OwnVms own, FileGate gate, Duration patience) {
    /** Files of one transaction: each needs two operations, and a few are about the VM. */
    static final int FILES = 60;

    /** Comparisons of a file that changes its use are three. */
    static final int FILES_OF_A_RUNNING_VM = 40;

    HostName host() {
        return session.self().host();
    }

    Deadline deadline() {
        return Deadline.after(patience);
    }

    Optional<FileEntry> file(SharedFile file, Result result) throws RefusedException {
        return entries.read(FileEntry.class, keys.file(file), result);
    }

    /** The comparison that a key still has what was read. */
    static Transaction.Compare asRead(String key, Result read) {
        return read.value(key)
                .<Transaction.Compare>map(value -> new Transaction.Unchanged(key, value.revision()))
                .orElseGet(() -> new Transaction.Absent(key));
    }

    /** The comparisons that no other host holds a file. */
    List<Transaction.Compare> heldByNoneBut(HostName one, SharedFile file) {
        return onlyBelow(keys.holders(file), keys.holder(file, one));
    }

    static List<Transaction.Compare> onlyBelow(String directory, String key) {
        return List.of(
                new Transaction.NoneIn(KeyRange.before(directory, key)),
                new Transaction.NoneIn(KeyRange.after(directory, key)));
    }

    /** The hosts that hold a file now. */
    Set<HostName> holders(SharedFile file, Deadline deadline) throws RefusedException {
        KeyRange range = KeyRange.below(keys.holders(file));
        Result read = session.read(List.of(new Transaction.ReadAll(range)), deadline);
        Set<HostName> hosts = new TreeSet<>();
        for (String key : read.keys(range)) {
            HostName.parse(key.substring(range.from().length())).ifPresent(hosts::add);
        }
        return hosts;
    }

    /** In parts that one transaction takes. At least one part, which may be empty. */
    static <T> List<List<T>> parts(List<T> all, int most) {
        List<List<T>> parts = new ArrayList<>();
        for (int start = 0; start == 0 || start < all.size(); start += most) {
            parts.add(all.subList(start, Math.min(all.size(), start + most)));
        }
        return parts;
    }
}
