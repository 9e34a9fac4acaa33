package labeler.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.commons.io.IOUtils;
import org.jspecify.annotations.Nullable;

/**
 * Brings SQLite's write-ahead log to the disk, for many threads by one call. SQLite itself would do so within each
 * commit, and everybody else would wait. A commit that SQLite does not sync is in the log all the same, so fdatasync(2) of
 * the log makes it durable, with all commits before it (https://www.sqlite.org/wal.html#how_wal_works). If the log was
 * copied into the database meanwhile, SQLite has synced both.
 *
 * <p>After a failure the kernel may have dropped what it could not write, and reports that once. Nothing counts as synced
 * any more, for as long as this object lives.
 */
final class LogSync implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Null if no commit has to be synced since the last connection. */
    private @Nullable FileChannel channel;

    /** To be synced as well: the log is new there. Null if its name is on disk. */
    private @Nullable Path directory;

    private long written;
    private long synced;
    private boolean isRunning;
    private boolean isBroken;

    /**
     * Notes a commit that {@link #sync} has to bring to the disk. The connection that made it is still open, so the log is
     * there.
     *
     * @param log the file of the write-ahead log
     * @throws IOException if the log cannot be opened; then nothing counts as synced any more
     */
    void written(Path log) throws IOException {
        lock.lock();
        try {
            written++;
            if (channel == null) {
                channel = FileChannel.open(log, StandardOpenOption.WRITE);
                directory = log.getParent();
            }
        } catch (IOException e) {
            isBroken = true;
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a sync has failed. */
    boolean isBroken() {
        lock.lock();
        try {
            return isBroken;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns when every commit noted before is on disk; at once if all are.
     *
     * @throws IOException if that is not certain
     */
    void sync() throws IOException {
        lock.lock();
        try {
            long mine = written;
            while (synced < mine) {
                if (isBroken) {
                    throw new IOException("an earlier write has failed");
                }
                if (isRunning) {
                    changed.awaitUninterruptibly();
                } else {
                    lead();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Syncs for all who wait by now. Who comes meanwhile waits for the next one. Runs with the lock held. */
    private void lead() throws IOException {
        long upTo = written;
        FileChannel open = Objects.requireNonNull(channel, "a commit is noted with its log");
        Path named = directory;
        isRunning = true;
        boolean isSynced = false;
        lock.unlock();
        try {
            open.force(false);
            if (named != null) {
                // fsync(2): its name has to be on disk as well.
                try (FileChannel names = FileChannel.open(named)) {
                    names.force(true);
                }
            }
            isSynced = true;
        } finally {
            lock.lock();
            isRunning = false;
            if (isSynced) {
                synced = Math.max(synced, upTo);
                directory = null;
            } else {
                isBroken = true;
            }
            changed.signalAll();
        }
    }

    /**
     * The connection is closed. The log is gone if SQLite has copied it into the database, which is on disk then; the next
     * connection may make another. Waits for a sync that runs.
     *
     * @param isCopied whether the log is gone
     */
    void release(boolean isCopied) {
        lock.lock();
        try {
            while (isRunning) {
                changed.awaitUninterruptibly();
            }
            if (isCopied && !isBroken) {
                synced = written;
            }
            if (isCopied || synced == written) {
                IOUtils.closeQuietly(channel);
                channel = null;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        release(true);
    }
}
