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
 * <p>After a failure nobody knows which pages the kernel has dropped, so every thread that waited fails with it.
 */
final class LogSync implements AutoCloseable {
    private final Path log;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Null until the first sync: SQLite makes the log with the first commit. */
    private @Nullable FileChannel channel;

    private long written;
    private long synced;
    private long failed;
    private boolean isRunning;

    /** @param log the file of the write-ahead log */
    LogSync(Path log) {
        this.log = log;
    }

    /** Notes a commit that {@link #sync} has to bring to the disk. */
    void written() {
        lock.lock();
        try {
            written++;
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
                if (failed >= mine) {
                    throw new IOException("the log could not be synced for another request");
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

    /** Notes that every commit so far is on disk in another way: in the database itself. */
    void copied() {
        lock.lock();
        try {
            synced = written;
        } finally {
            lock.unlock();
        }
    }

    /** Syncs for all who wait by now. Whoever comes meanwhile waits for the next one. Runs with the lock held. */
    private void lead() throws IOException {
        long upTo = written;
        isRunning = true;
        boolean isSynced = false;
        try {
            FileChannel open = open();
            lock.unlock();
            try {
                open.force(false);
            } finally {
                lock.lock();
            }
            isSynced = true;
        } finally {
            isRunning = false;
            if (isSynced) {
                synced = Math.max(synced, upTo);
            } else {
                failed = Math.max(failed, upTo);
            }
            changed.signalAll();
        }
    }

    private FileChannel open() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            open = FileChannel.open(log, StandardOpenOption.WRITE);
            channel = open;
            // Its name has to be on disk as well: fsync(2).
            try (FileChannel directory = FileChannel.open(Objects.requireNonNull(log.getParent()))) {
                directory.force(true);
            }
        }
        return open;
    }

    /** Closes the file, after a sync that runs. The next one opens it again. */
    void release() {
        lock.lock();
        try {
            while (isRunning) {
                changed.awaitUninterruptibly();
            }
            IOUtils.closeQuietly(channel);
            channel = null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        release();
    }
}
