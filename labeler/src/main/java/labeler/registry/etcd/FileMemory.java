package labeler.registry.etcd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import labeler.json.RecordJson;

/** The memory of a service, in a file of its state directory. */
public final class FileMemory implements ClusterMemory {
    private final Path file;
    private final RecordJson json = new RecordJson();
    private Optional<Point> last;

    /**
     * Reads what is known.
     *
     * @param file need not exist
     * @throws IOException if it exists and cannot be read: then nobody knows whether the registry has gone back
     */
    public FileMemory(Path file) throws IOException {
        this.file = file;
        this.last = Files.exists(file) ? Optional.of(read()) : Optional.empty();
    }

    private Point read() throws IOException {
        if (new JsonReader().read(Files.readAllBytes(file)) instanceof JsonReader.Value(JsonObject object)
                && json.read(Point.class, object, false) instanceof RecordJson.Understood<Point>(Point point)) {
            return point;
        }
        throw new IOException(file + " is damaged; remove it if this host's registry is certainly the one that it was");
    }

    @Override
    public synchronized Optional<Point> last() {
        return last;
    }

    @Override
    public synchronized void remember(Point point) {
        last = Optional.of(point);
        // If that fails, an older point notices less, and nothing wrong.
        new ClusterFile(file).write(List.of(JsonWriter.compact(json.write(point))));
    }
}
