package labeler.registry.etcd;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A small file of what the service knows of its cluster, in the state directory. After a power cut it has its old content or the new one. */
public record ClusterFile(Path file) {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterFile.class);

    @Override
    public String toString() {
        return file.toString();
    }

    /** None if there is no such file. */
    public List<String> lines() throws IOException {
        return Files.exists(file)
                ? Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                        .filter(line -> !line.isBlank())
                        .toList()
                : List.of();
    }

    /** Whether it has these lines, as far as that can be told. */
    public boolean has(List<String> expected) {
        try {
            return lines().equals(expected);
        } catch (IOException e) {
            return false;
        }
    }

    /** A failure is only told: each caller can go on with the old content, or looks whether it is there. */
    public void write(List<String> lines) {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(next, String.join("\n", lines));
            try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("{} cannot be written: {}", file, e.getMessage());
        }
    }
}
