package labeler.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.problem.IoReason;
import labeler.reference.ImageChange;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/**
 * The journal as one SQLite file with a write-ahead log. {@code synchronous=FULL} makes a start durable by one fsync of
 * the log; the other records are written with {@code NORMAL}, which leaves them to the kernel's page cache: safe from a
 * killed process, not from a power cut (https://www.sqlite.org/pragma.html#pragma_synchronous).
 */
public final class SqliteJournal implements Journal {
    private final Path file;
    private final FileChannel lockFile;
    private Connection connection;
    private JournalRows rows;
    private boolean closedByFailure;

    private SqliteJournal(Path file, FileChannel lockFile, Connection connection, JournalRows rows) {
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
        Path file = directory.resolve("journal.db");
        FileChannel lockFile = lock(directory);
        try {
            Connection connection = connect(file);
            try {
                prepare(file, connection);
                return new SqliteJournal(file, lockFile, connection, new JournalRows(connection));
            } catch (SQLException | JournalException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            closeQuietly(lockFile, e);
            throw failed(file, "open", e);
        } catch (JournalException e) {
            closeQuietly(lockFile, e);
            throw e;
        }
    }

    private static FileChannel lock(Path directory) throws JournalException {
        Path file = directory.resolve("journal.lock");
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    return channel;
                }
            } catch (OverlappingFileLockException e) {
                closeQuietly(channel, e);
                throw inUse(directory, e);
            }
            channel.close();
        } catch (IOException e) {
            if (e instanceof JournalException journalException) {
                throw journalException;
            }
            throw new JournalException(
                    directory + ": the state directory cannot be written (" + IoReason.of(e)
                            + "); make it writable for the service, or choose another with --state-dir",
                    e);
        }
        throw inUse(directory, new IOException("locked"));
    }

    private static JournalException inUse(Path directory, Exception cause) {
        return new JournalException(
                directory
                        + ": another labelerd works with this state directory; stop it, or choose another with --state-dir",
                cause);
    }

    private static void closeQuietly(FileChannel channel, Exception reason) {
        try {
            channel.close();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    /**
     * The lock is exclusive from the first access on, so that SQLite keeps the index of its write-ahead log in memory of
     * its own (since 3.7.0) and not in a mapped file: where the file system has no block for a page of that, writing to it
     * would end this process with SIGBUS.
     */
    private static Connection connect(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.enforceForeignKeys(true);
        config.setBusyTimeout(2000);
        // As a URI (https://www.sqlite.org/uri.html): the text of a path loses what does not fit the locale.
        Connection connection =
                DriverManager.getConnection("jdbc:sqlite:file:" + file.toUri().getRawPath(), config.toProperties());
        try (Statement statement = connection.createStatement()) {
            single(statement, "PRAGMA locking_mode = EXCLUSIVE");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static void prepare(Path file, Connection connection) throws SQLException, JournalException {
        try (Statement statement = connection.createStatement()) {
            String check = single(statement, "PRAGMA quick_check(1)");
            if (!check.equals("ok")) {
                throw damaged(file, check, null);
            }
            int version = Integer.parseInt(single(statement, "PRAGMA user_version"));
            if (version > JournalSchema.VERSION) {
                throw new JournalException(file + ": written by a newer labelerd (schema " + version
                        + ", this one knows " + JournalSchema.VERSION + "); install that version again");
            }
            if (!JournalSchema.isJournal(connection, version)) {
                throw new JournalException(file + ": not a journal of labeler's, though a database; move it away, or"
                        + " choose another directory with --state-dir");
            }
            single(statement, "PRAGMA journal_mode = WAL");
            if (version < JournalSchema.VERSION) {
                List<String> changes = version == 0
                        ? JournalSchema.SCHEMA
                        : JournalSchema.UPGRADES.subList(version - 1, JournalSchema.UPGRADES.size());
                connection.setAutoCommit(false);
                for (String sql : changes) {
                    statement.executeUpdate(sql);
                }
                statement.executeUpdate("PRAGMA user_version = " + JournalSchema.VERSION);
                connection.commit();
            }
            connection.setAutoCommit(false);
        }
    }

    private static String single(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? String.valueOf(result.getString(1)) : "";
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
            throw failed(file, "read", e);
        } catch (IllegalArgumentException e) {
            throw damaged(file, String.valueOf(e.getMessage()), e);
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
            throw failed(file, "read", e);
        } catch (IllegalArgumentException e) {
            throw damaged(file, String.valueOf(e.getMessage()), e);
        }
    }

    /** SQLite's own word for how it syncs just now: 2 is {@code FULL}, 1 is {@code NORMAL}. */
    synchronized String synchronous() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return single(statement, "PRAGMA synchronous");
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
            throw failed(file, "write", e);
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
        connection = connect(file);
        rows = new JournalRows(connection);
        connection.setAutoCommit(false);
        closedByFailure = false;
    }

    private static JournalException failed(Path file, String what, SQLException e) {
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return switch (SQLiteErrorCode.getErrorCode(e.getErrorCode())) {
            case SQLITE_CORRUPT, SQLITE_CORRUPT_VTAB, SQLITE_CORRUPT_SEQUENCE, SQLITE_CORRUPT_INDEX, SQLITE_NOTADB ->
                damaged(file, message, e);
            case SQLITE_FULL ->
                new JournalException(file + ": no space left for the journal; free some on its file system", e);
            // The other codes all mean that the file or its directory could not be used as asked.
            default ->
                new JournalException(
                        file + ": could not " + what + " the journal (" + message
                                + "); check the directory's permissions and free space",
                        e);
        };
    }

    private static JournalException damaged(Path file, String detail, @Nullable Exception e) {
        String message = file + ": the journal is damaged (" + detail
                + "); restore it from a backup, or move it away and relabel the files of stopped VMs with restorecon";
        return e == null ? new JournalException(message) : new JournalException(message, e);
    }

    @Override
    public synchronized void close() throws JournalException {
        try {
            rows.close();
            connection.close();
            lockFile.close();
        } catch (SQLException e) {
            throw failed(file, "close", e);
        } catch (IOException e) {
            throw new JournalException(file + ": could not close the lock file: " + e.getMessage(), e);
        }
    }
}
