package labeler.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import labeler.etcd.Result;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.registry.etcd.value.Entries;
import labeler.registry.etcd.value.RefusedException;

/** The cluster's storages. A file of the state directory keeps them for the time in which the registry is away. */
final class KnownStorages {
    private final StateFile file;
    private final Entries entries = new Entries();
    private volatile Map<StorageName, Storage> storages;

    /** @throws IOException if what an earlier service knew cannot be read */
    KnownStorages(Path file) throws IOException {
        this.file = new StateFile(file);
        Map<StorageName, Storage> read = new TreeMap<>();
        for (String line : this.file.lines()) {
            int space = line.indexOf(' ');
            Optional<StorageName> name = StorageName.parse(line.substring(0, Math.max(space, 0)));
            Optional<Storage> storage = storage(line.substring(space + 1));
            if (name.isEmpty() || storage.isEmpty()) {
                throw new IOException(file + " is damaged; remove it if this host's registry answers");
            }
            read.put(name.get(), storage.get());
        }
        storages = Map.copyOf(read);
    }

    private Optional<Storage> storage(String json) {
        try {
            return Optional.of(entries.read(Storage.class, file.toString(), new Result.Value(json, 0)));
        } catch (RefusedException e) {
            return Optional.empty();
        }
    }

    Map<StorageName, Storage> all() {
        return storages;
    }

    void now(Map<StorageName, Storage> known) {
        if (storages.equals(known)) {
            return;
        }
        storages = Map.copyOf(known);
        // As JSON, since the registry may hold any text.
        file.write(known.entrySet().stream()
                .map(one -> one.getKey() + " " + entries.write(one.getValue()))
                .collect(Collectors.joining("\n"))
                .getBytes(StandardCharsets.UTF_8));
    }
}
