package labeler.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import labeler.json.Json;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import labeler.json.RecordJson;
import labeler.linux.FileHandle;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.registry.etcd.ClusterFile;

/** The cluster's storages, in the same order on each host. A file of the state directory keeps them for the time in which the registry is away. */
final class KnownStorages {
    private final ClusterFile file;
    private final JsonReader reader = new JsonReader();
    private final RecordJson json = new RecordJson()
            .text(FileHandle.class, FileHandle::hexadecimal, FileHandle::ofHexadecimal, "a file handle in hexadecimal");
    private volatile Map<StorageName, Storage> storages;
    private volatile boolean isLearned;

    /** @throws IOException if what an earlier service knew cannot be read */
    KnownStorages(Path file) throws IOException {
        this.file = new ClusterFile(file);
        isLearned = Files.exists(file);
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
        storages = Collections.unmodifiableMap(read);
    }

    private Optional<Storage> storage(String text) {
        return reader.read(text) instanceof JsonReader.Value(Json value)
                        && json.read(Storage.class, value, false)
                                instanceof RecordJson.Understood<Storage>(Storage storage)
                ? Optional.of(storage)
                : Optional.empty();
    }

    Map<StorageName, Storage> all() {
        return storages;
    }

    /** Whether this host has ever heard which storages there are. Until then any file system may be one. */
    boolean isLearned() {
        return isLearned;
    }

    void now(Map<StorageName, Storage> known) {
        if (isLearned && storages.equals(known)) {
            return;
        }
        storages = Collections.unmodifiableMap(new TreeMap<>(known));
        // As JSON, since the registry may hold any text.
        file.write(known.entrySet().stream()
                .map(one -> one.getKey() + " " + JsonWriter.compact(json.write(one.getValue())))
                .toList());
        isLearned = true;
    }
}
