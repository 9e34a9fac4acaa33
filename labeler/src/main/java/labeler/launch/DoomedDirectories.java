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
import labeler.work.WorkEnd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Directories to be deleted with all their content: a VM may have put a hundred thousand sockets or an endless tree
 * there. One rename puts a directory aside, and callers wait only for that. A thread of its own deletes directories
 * that are aside, some entries at a time. The next service continues the work that this one leaves.
 */
final class DoomedDirectories implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DoomedDirectories.class);

    /** The start of the name of a directory that is aside; no VM's name begins with a point. */
    private static final String ASIDE = ".aside-";

    /** The number of entries deleted before others get the processor and the file system: some milliseconds. */
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
     * Puts a directory aside at once, and deletes it soon. Does nothing if there is none.
     *
     * @throws IOException if it is still in the way
     */
    void doom(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Files.move(directory, aside(), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // Another thread was faster.
            return;
        }
        soon(0);
    }

    private Path aside() {
        return parent.resolve(ASIDE + UUID.randomUUID());
    }

    /** Deletes everything that is aside, including directories that an earlier service left. */
    void soon() {
        soon(0);
    }

    private void soon(long millis) {
        try {
            var _ = executor.schedule(this::roundQuietly, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the next service deletes the rest of {}", HostPath.of(parent));
        }
    }

    private void roundQuietly() {
        try {
            if (!round(MOST_A_ROUND)) {
                soon(PAUSE_MILLIS);
            }
        } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
            LOG.warn("files that VMs left in {} are not deleted yet: {}", HostPath.of(parent), e.getMessage());
        }
    }

    /** Deletes at most this number of entries; answers whether nothing is left to do. */
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

    /** Waits for the present round, which is short. */
    @Override
    public void close() {
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        WorkEnd.await(
                executor,
                CLOSING_SECONDS,
                () -> LOG.warn(
                        "{}: something there takes long to delete; the next service goes on", HostPath.of(parent)));
    }
}
