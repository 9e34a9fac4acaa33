package labeler.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import labeler.registry.etcd.ClusterFile;

/**
 * Which file the journal was when a service of this boot began first. While it is the same, the journal has each VM of this
 * boot that runs: what the registry has besides has ended, or never began.
 */
final class JournalMark {
    /** The registry has nothing of this host yet. */
    private static final String JOINED = "joined";

    /** Whether the journal was lost before, in this boot, nobody can tell. */
    private static final String UNKNOWN = "unknown";

    private final ClusterFile file;

    JournalMark(Path file) {
        this.file = new ClusterFile(file);
    }

    /** The host joins. */
    void joined() {
        file.write(List.of(JOINED));
    }

    /**
     * A service begins, and has not claimed anything yet.
     *
     * @return whether the journal was not lost in this boot
     */
    boolean begin(String bootId, Path journal) {
        try {
            List<String> before = file.lines();
            List<String> now = List.of(bootId, identity(journal));
            if (before.isEmpty()) {
                file.write(List.of(bootId, UNKNOWN));
                return false;
            }
            // No service has begun in this boot before, so no VM has, whatever became of the journal.
            if (!before.getFirst().equals(bootId)) {
                file.write(now);
            }
            return file.has(now);
        } catch (IOException e) {
            return false;
        }
    }

    /** A file that is made anew may have the number of the one before, but not its time of birth. */
    private static String identity(Path journal) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(journal, BasicFileAttributes.class);
        return attributes.fileKey() + " " + attributes.creationTime();
    }
}
