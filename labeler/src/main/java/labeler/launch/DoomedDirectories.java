package labeler.launch;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import labeler.linux.HostPath;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Directories that are to go, with whatever a VM has put there: a hundred thousand sockets, or a tree without end. Putting
 * one aside is one rename, which is all that anybody waits for. A thread of its own deletes what is aside, some at a
 * time; what a service leaves, the next one goes on with.
 */
final class DoomedDirectories implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DoomedDirectories.class);

    /** Before the name of what is aside; no VM's has a point in front. */
    private static final String ASIDE = ".aside-";

    /** Entries deleted before others get their turn with the processor and the file system: some milliseconds' worth. */
    static final int MOST_A_ROUND = 5_000;

    private static final long PAUSE_MILLIS = 20;

    private static final long CLOSING_SECONDS = 2;

    private final Path parent;
    private final Set<Path> givenUp = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("deletion").daemon().factory());

    DoomedDirectories(Path parent) {
        this.parent = parent;
    }

    /**
     * Takes a directory out of the way at once, and deletes it soon. Nothing is done where none is.
     *
     * @throws IOException if it is in the way still
     */
    void doom(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Files.move(directory, aside(), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // Somebody was faster.
            return;
        }
        soon(0);
    }

    private Path aside() {
        return parent.resolve(ASIDE + UUID.randomUUID());
    }

    /** Deletes whatever is aside, also what an earlier service has left there. */
    void soon() {
        soon(0);
    }

    private void soon(long millis) {
        try {
            var _ = executor.schedule(this::roundQuietly, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("what is left in {} is deleted by the next service", HostPath.of(parent));
        }
    }

    private void roundQuietly() {
        try {
            if (!round(MOST_A_ROUND)) {
                soon(PAUSE_MILLIS);
            }
        } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
            LOG.warn("what VMs left in {} is not deleted yet: {}", HostPath.of(parent), e.getMessage());
        }
    }

    /** Deletes so many entries at most; answers whether nothing is left to do. */
    boolean round(int most) throws IOException {
        TreeDeletion deletion = new TreeDeletion(most, () -> aside().getFileName());
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(parent, ASIDE + "*")) {
            for (Path directory : directories) {
                if (givenUp.contains(directory)) {
                    continue;
                }
                try {
                    deletion.delete(directory);
                } catch (IOException e) {
                    givenUp.add(directory);
                    LOG.warn(
                            "{}, of a VM that is no more, cannot be deleted: {}",
                            HostPath.of(directory),
                            e.getMessage());
                }
                if (deletion.isUnfinished()) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Waits for the round that is going on, which is short. */
    @Override
    public void close() {
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("{}: something there takes long to delete; the next service goes on", HostPath.of(parent));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
