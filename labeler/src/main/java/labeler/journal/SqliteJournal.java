package labeler.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.reference.ImageChange;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;
import labeler.vm.VmName;

/**
 * The journal as one SQLite file with a write-ahead log. {@code synchronous=FULL} makes a start durable by one fsync of
 * the log; the other records are written with {@code NORMAL}, which leaves them to the kernel's page cache: safe from a
 * killed process, not from a power cut (https://www.sqlite.org/pragma.html#pragma_synchronous).
 */
public final class SqliteJournal implements Journal {
    private final JournalFile file;
    private final FileChannel lockFile;
    private Connection connection;
    private JournalRows rows;
    private boolean closedByFailure;

    private SqliteJournal(JournalFile file, FileChannel lockFile, Connection connection, JournalRows rows) {
        this.file = file;
        this.lockFile = lockFile;
        this.connection = connection;
        this.rows = rows;
    }

    /**
     * Opens or creates {@code journal.db} in a directory, which it makes if need be.
     *
     * @throws JournalException if it cannot be written, is damaged, comes from a newer version, or is in use by another
     *     service
     */
    public static SqliteJournal open(Path directory) throws JournalException {
        JournalFile file = new JournalFile(directory.resolve("journal.db"));
        FileChannel lockFile = StateLock.take(directory);
        try {
            Connection connection = file.connect();
            try {
                file.prepare(connection);
                return new SqliteJournal(file, lockFile, connection, new JournalRows(connection));
            } catch (SQLException | JournalException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            StateLock.release(lockFile, e);
            throw file.failed("open", e);
        } catch (JournalException e) {
            StateLock.release(lockFile, e);
            throw e;
        }
    }

    @Override
    public synchronized Recorded load() throws JournalException {
        try {
            reopenAfterFailure();
            Recorded recorded = rows.load();
            connection.commit();
            return recorded;
        } catch (SQLException e) {
            throw file.failed("read", e);
        } catch (IllegalArgumentException e) {
            throw file.damaged(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public synchronized void recordStart(VmRecord vm, Collection<FileRecord> files) throws JournalException {
        write(Durability.ON_DISK, () -> {
            putFiles(files);
            rows.insertVm(vm);
        });
    }

    private void putFiles(Collection<FileRecord> files) throws SQLException {
        for (FileRecord file : files) {
            rows.putFile(file);
        }
    }

    @Override
    public synchronized void recordPhase(VmName name, VmRecord.Phase phase) throws JournalException {
        write(Durability.IN_PAGE_CACHE, () -> rows.updatePhase(name, phase));
    }

    @Override
    public synchronized void recordEnd(VmName name, Collection<FileRecord> givenBack) throws JournalException {
        write(Durability.IN_PAGE_CACHE, () -> {
            rows.deleteVm(name);
            putFiles(givenBack);
        });
    }

    @Override
    public synchronized void recordJoin(
            VmName name, DiskRecord disk, List<FileHold> holds, Collection<FileRecord> files) throws JournalException {
        write(Durability.ON_DISK, () -> {
            putFiles(files);
            rows.insertDisk(name, disk);
            rows.insertHolds(name, holds);
        });
    }

    @Override
    public synchronized void recordLeave(VmName name, DiskRecord disk, Collection<FileRecord> givenBack)
            throws JournalException {
        write(Durability.IN_PAGE_CACHE, () -> {
            rows.deleteDisk(name, disk);
            putFiles(givenBack);
        });
    }

    @Override
    public synchronized void forget(Collection<Long> files) throws JournalException {
        List<Long> gone = new ArrayList<>(files);
        write(Durability.IN_PAGE_CACHE, () -> rows.deleteFiles(gone));
    }

    @Override
    public synchronized Optional<KnownImage> knownImage(FileIdentity identity, HostPath realPath)
            throws JournalException {
        return read(images -> images.find(identity, realPath));
    }

    @Override
    public synchronized List<KnownImage> imagesHeldBy(VmName vm, Optional<String> disk) throws JournalException {
        return read(images -> images.heldBy(vm, disk));
    }

    @Override
    public synchronized List<VmName> imageHolders() throws JournalException {
        return read(KnownImageRows::holders);
    }

    @Override
    public synchronized void holdImages(Collection<KnownImage> images, ImageHold hold) throws JournalException {
        changeKnown(images, (known, image) -> known.hold(image, hold));
    }

    @Override
    public synchronized void withdrawImages(ImageHold hold, Collection<KnownImage> unseen) throws JournalException {
        write(Durability.IN_PAGE_CACHE, () -> {
            KnownImageRows known = new KnownImageRows(connection);
            known.release(hold);
            for (KnownImage image : unseen) {
                known.forget(image);
            }
        });
    }

    @Override
    public synchronized void changeImages(Collection<ImageChange> changes) throws JournalException {
        changeKnown(changes, KnownImageRows::change);
    }

    @Override
    public synchronized void recordImages(Collection<KnownImage> images, Collection<ImageHold> released)
            throws JournalException {
        changeKnown(images, (known, image) -> known.release(known.put(image), released));
    }

    @FunctionalInterface
    private interface KnownChange<T> {
        void make(KnownImageRows known, T one) throws SQLException;
    }

    /** All of them or none. */
    private <T> void changeKnown(Collection<T> all, KnownChange<T> change) throws JournalException {
        if (all.isEmpty()) {
            return;
        }
        write(Durability.IN_PAGE_CACHE, () -> {
            KnownImageRows known = new KnownImageRows(connection);
            for (T one : all) {
                change.make(known, one);
            }
        });
    }

    @FunctionalInterface
    private interface Question<T> {
        T ask(KnownImageRows images) throws SQLException;
    }

    private <T> T read(Question<T> question) throws JournalException {
        try {
            reopenAfterFailure();
            T answer = question.ask(new KnownImageRows(connection));
            connection.commit();
            return answer;
        } catch (SQLException e) {
            throw file.failed("read", e);
        } catch (IllegalArgumentException e) {
            throw file.damaged(String.valueOf(e.getMessage()), e);
        }
    }

    /** SQLite's own word for how it syncs just now: 2 is {@code FULL}, 1 is {@code NORMAL}. */
    synchronized String synchronous() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return JournalFile.single(statement, "PRAGMA synchronous");
        }
    }

    private enum Durability {
        ON_DISK("FULL"),
        IN_PAGE_CACHE("NORMAL");

        private final String pragma;

        Durability(String pragma) {
            this.pragma = pragma;
        }
    }

    @FunctionalInterface
    private interface Change {
        void make() throws SQLException;
    }

    private void write(Durability durability, Change change) throws JournalException {
        try {
            reopenAfterFailure();
            rows.setSynchronous(durability.pragma);
            change.make();
            connection.commit();
        } catch (SQLException e) {
            closeAfter(e);
            throw file.failed("write", e);
        }
    }

    /**
     * After a failure (a full disk, say) sqlite-jdbc leaves statements that it has closed itself, and the connection in no
     * transaction where it believes it is in one. Closing takes back whatever was not committed.
     */
    private void closeAfter(SQLException failure) {
        closedByFailure = true;
        try {
            rows.close();
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
        try {
            connection.close();
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    private void reopenAfterFailure() throws SQLException {
        if (!closedByFailure) {
            return;
        }
        connection = file.connect();
        rows = new JournalRows(connection);
        connection.setAutoCommit(false);
        closedByFailure = false;
    }

    @Override
    public synchronized void close() throws JournalException {
        try {
            rows.close();
            connection.close();
            lockFile.close();
        } catch (SQLException e) {
            throw file.failed("close", e);
        } catch (IOException e) {
            throw new JournalException(file.path() + ": could not close the lock file: " + e.getMessage(), e);
        }
    }
}
