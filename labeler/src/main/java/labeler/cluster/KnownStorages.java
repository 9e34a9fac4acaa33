package labeler.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import labeler.linux.FileHandle;
import labeler.registry.Storage;
import labeler.registry.StorageName;

/** The cluster's storages. A file of the state directory keeps them for the time in which the registry is away. */
final class KnownStorages {
    private static final int PARTS = 4;

    private final StateFile file;
    private volatile Map<StorageName, Storage> storages;

    /** @throws IOException if what an earlier service knew cannot be read */
    KnownStorages(Path file) throws IOException {
        this.file = new StateFile(file);
        Map<StorageName, Storage> read = new TreeMap<>();
        for (String line : this.file.lines()) {
            String[] parts = line.split(" ", PARTS);
            Optional<StorageName> name = StorageName.parse(parts[0]);
            Optional<FileHandle> root = parts.length == PARTS
                    ? FileHandle.read(HexFormat.of().parseHex(parts[PARTS - 1]))
                    : Optional.empty();
            if (name.isEmpty() || root.isEmpty()) {
                throw new IOException(file + " is damaged; remove it if this host's registry answers");
            }
            read.put(name.get(), new Storage(parts[1], parts[2], root.get()));
        }
        storages = Map.copyOf(read);
    }

    Map<StorageName, Storage> all() {
        return storages;
    }

    void now(Map<StorageName, Storage> known) {
        if (storages.equals(known)) {
            return;
        }
        storages = Map.copyOf(known);
        file.write(known.entrySet().stream()
                .map(one -> one.getKey() + " " + one.getValue().type() + " "
                        + one.getValue().id() + " "
                        + HexFormat.of().formatHex(one.getValue().root().stored()))
                .collect(Collectors.joining("\n"))
                .getBytes(StandardCharsets.UTF_8));
    }
}
