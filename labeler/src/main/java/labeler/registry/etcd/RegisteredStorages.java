package labeler.registry.etcd;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import labeler.etcd.KeyRange;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.registry.Answer;
import labeler.registry.Refusal;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.registry.etcd.value.Entries;
import labeler.registry.etcd.value.Keys;
import labeler.registry.etcd.value.RefusedException;

/** The cluster's storages. A file system has one name among them, since each host makes the keys of files of it. */
record RegisteredStorages(Questions questions, Entries entries, Keys keys) {
    /** See {@link EtcdAdministration#addStorage}. */
    Optional<Refusal> add(StorageName name, Storage storage) {
        KeyRange range = KeyRange.below(keys.storages());
        String added = keys.storageAdded();
        return questions.refusal(deadline -> {
            while (true) {
                Result read =
                        questions.read(List.of(new Transaction.ReadAll(range), new Transaction.Read(added)), deadline);
                Map<StorageName, Storage> there = storages(read, range);
                for (Map.Entry<StorageName, Storage> one : there.entrySet()) {
                    boolean isNamed = one.getKey().equals(name);
                    boolean isAnother = isNamed
                            ? !one.getValue().equals(storage)
                            : one.getValue().isSameFileSystem(storage);
                    if (isAnother) {
                        throw new RefusedException(new Refusal.AnotherStorage(name, one.getKey()));
                    }
                }
                Transaction transaction = new Transaction(
                        List.of(new Transaction.Absent(keys.storage(name)), Context.asRead(added, read)),
                        List.of(
                                Transaction.Put.of(keys.storage(name), entries.write(storage)),
                                Transaction.Put.of(added, name.value())),
                        List.of());
                if (there.containsKey(name)
                        || questions.ask(transaction, deadline).isSucceeded()) {
                    return;
                }
            }
        });
    }

    /** The storages of the cluster. */
    Answer<Map<StorageName, Storage>> all() {
        KeyRange range = KeyRange.below(keys.storages());
        return questions.answer(deadline -> {
            Result read = questions.read(List.of(new Transaction.ReadAll(range)), deadline);
            return storages(read, range);
        });
    }

    private Map<StorageName, Storage> storages(Result read, KeyRange range) throws RefusedException {
        Map<StorageName, Storage> storages = new TreeMap<>();
        for (String key : read.keys(range)) {
            Optional<StorageName> name =
                    StorageName.parse(key.substring(range.from().length()));
            if (name.isPresent()) {
                storages.put(name.get(), entries.read(Storage.class, key, read).orElseThrow());
            }
        }
        return storages;
    }
}
