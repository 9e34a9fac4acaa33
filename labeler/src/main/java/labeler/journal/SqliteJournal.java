package labeler.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.problem.IoReason;
import labeler.reference.ImageChange;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;
import labeler.reference.WrittenTree;
import labeler.vm.VmName;
import org.apache.commons.io.IOUtils;
import org.jspecify.annotations.Nullable;

/**
 * The journal as one SQLite file with a write-ahead log. With {@code synchronous=NORMAL} a commit is in the kernel's page
 * cache: safe from a killed process, not from a power cut (https://www.sqlite.org/pragma.html#pragma_synchronous).
 * {@link #sync} brings to the disk what labels depend on.
 */
public final class SqliteJournal implements Journal {
    private final JournalFile file;
    private final FileChannel lockFile;
    private final LogSync log;

    /** Null after a failure. */
    private @Nullable Tables tables;

    private SqliteJournal(JournalFile file, FileChannel lockFile, Tables tables) {
        this.file = file;
        this.lockFile = lockFile;
        this.log = new LogSync();
        this.tables = tables;
    }

    /** All tables, on one connection. */
    private record Tables(
            Statements sql, JournalRows rows, KnownImageRows images, WrittenTreeRows trees, GuardRows guards) {
        static Tables on(Connection connection) {
            Statements sql = new Statements(connection);
            return new Tables(
                    sql, new JournalRows(sql), new KnownImageRows(sql), new WrittenTreeRows(sql), new GuardRows(sql));
        }
    }

    /**
     * Opens or creates {@code journal.db} in a directory, and makes the directory if necessary.
     *
     * @throws JournalException if it cannot be written, is damaged, of a newer version, or in use by another service
     */
    public static SqliteJournal open(Path directory) throws JournalException {
        JournalFile file = new JournalFile(directory.resolve("journal.db"));
        FileChannel lockFile = lock(directory);
        boolean isOpen = false;
        try {
            SqliteJournal journal = new SqliteJournal(file, lockFile, Tables.on(file.open()));
            isOpen = true;
            return journal;
        } catch (SQLException e) {
            throw file.failed("open", e);
        } finally {
            if (!isOpen) {
                IOUtils.closeQuietly(lockFile);
            }
        }
    }

    /** The file that a service has locked while it works with the journal in this directory. */
    public static Path lockFile(Path directory) {
        return directory.resolve("journal.lock");
    }

    private static FileChannel lock(Path directory) throws JournalException {
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return DirectoryLock.take(lockFile(directory))
                    .orElseThrow(() -> new JournalException(directory + ": another labelerd works with this state"
                            + " directory; stop it, or choose another with --state-dir"));
        } catch (JournalException e) {
            throw e;
        } catch (IOException e) {
            throw new JournalException(
                    directory + ": the state directory cannot be written (" + IoReason.of(e)
                            + "); make it writable for the service, or choose another with --state-dir",
                    e);
        }
    }

    @Override
    public synchronized Recorded load() throws JournalException {
        return read(tables -> tables.rows().load());
    }

    @Override
    public synchronized void recordStart(VmRecord vm, Collection<FileRecord> files) throws JournalException {
        write(files, tables -> tables.rows().insertVm(vm));
    }

    @Override
    public synchronized void recordPhase(VmName name, VmRecord.Phase phase) throws JournalException {
        write(tables -> tables.rows().updatePhase(name, phase));
    }

    @Override
    public synchronized void recordEnd(VmName name, Collection<FileRecord> givenBack) throws JournalException {
        write(tables -> {
            tables.rows().deleteVm(name);
            tables.trees().end(name);
            tables.rows().giveBack(givenBack);
        });
    }

    @Override
    public synchronized void recordJoin(
            VmName name, DiskRecord disk, List<FileHold> holds, Collection<FileRecord> files) throws JournalException {
        write(files, tables -> {
            tables.rows().insertDisk(name, disk);
            tables.rows().insertHolds(name, holds);
        });
    }

    @Override
    public synchronized void recordJoined(VmName name, DiskRecord disk) throws JournalException {
        write(tables -> tables.rows().updateJoined(name, disk));
    }

    @Override
    public synchronized void recordLeave(VmName name, DiskRecord disk, Collection<FileRecord> givenBack)
            throws JournalException {
        write(tables -> {
            tables.rows().deleteDisk(name, disk);
            tables.rows().giveBack(givenBack);
        });
    }

    @Override
    public synchronized void recordHolds(
            VmName name, List<FileHold> all, Collection<FileRecord> files, Collection<FileRecord> givenBack)
            throws JournalException {
        write(files, tables -> {
            tables.rows().giveBack(givenBack);
            tables.rows().replaceHolds(name, all);
        });
    }

    @Override
    public synchronized void recordFiles(Collection<FileRecord> files) throws JournalException {
        write(files, _ -> {});
    }

    @Override
    public synchronized void recordGuard(GuardRecord guard) throws JournalException {
        write(tables -> tables.guards().put(guard));
    }

    @Override
    public synchronized void removeGuard(VmName name) throws JournalException {
        write(tables -> tables.guards().remove(name));
    }

    @Override
    public synchronized void recordSets(VmName name, Map<Long, GuardSet> sets) throws JournalException {
        write(tables -> tables.guards().putSets(name, sets));
    }

    @Override
    public synchronized void removeSets(VmName name, Collection<Long> numbers) throws JournalException {
        write(tables -> tables.guards().removeSets(name, numbers));
    }

    @Override
    public synchronized Map<Long, GuardSet> sets(VmName name) throws JournalException {
        return read(tables -> tables.guards().sets(name));
    }

    @Override
    public synchronized List<GuardRecord> guards() throws JournalException {
        return read(tables -> tables.guards().all());
    }

    @Override
    public synchronized void forget(Collection<Long> files) throws JournalException {
        write(tables -> tables.rows().deleteFiles(files));
    }

    @Override
    public synchronized Optional<KnownImage> knownImage(FileIdentity identity, HostPath realPath)
            throws JournalException {
        return read(tables -> tables.images().find(identity, realPath));
    }

    @Override
    public synchronized List<KnownImage> imagesHeldBy(VmName vm, Optional<String> disk) throws JournalException {
        return read(tables -> tables.images().heldBy(vm, disk));
    }

    @Override
    public synchronized List<VmName> imageHolders() throws JournalException {
        return read(tables -> tables.images().holders());
    }

    @Override
    public synchronized void holdImages(Collection<KnownImage> images, ImageHold hold) throws JournalException {
        changeKnown(images, (known, image) -> known.hold(image, hold));
    }

    @Override
    public synchronized boolean holdTrees(Collection<HostPath> roots, ImageHold hold, int most)
            throws JournalException {
        AtomicBoolean areMore = new AtomicBoolean();
        write(tables -> {
            tables.trees().put(roots, hold);
            areMore.set(tables.trees().holdBelow(roots, hold, most));
        });
        return !areMore.get();
    }

    @Override
    public synchronized void keepTrees(ImageHold hold) throws JournalException {
        write(tables -> tables.trees().keep(hold));
    }

    @Override
    public synchronized List<WrittenTree> treesAround(HostPath realPath) throws JournalException {
        return read(tables -> tables.trees().around(realPath));
    }

    @Override
    public synchronized void withdrawImages(ImageHold hold, Collection<KnownImage> unseen) throws JournalException {
        write(tables -> {
            tables.images().release(hold);
            tables.trees().remove(hold);
            for (KnownImage image : unseen) {
                tables.images().forget(image);
            }
        });
    }

    @Override
    public synchronized void changeImages(Collection<ImageChange> changes) throws JournalException {
        changeKnown(changes, KnownImageRows::change);
    }

    @Override
    public synchronized void seeImages(Collection<ImageChange> seen) throws JournalException {
        changeKnown(seen, KnownImageRows::see);
    }

    @Override
    public synchronized void recordImages(Collection<KnownImage> images, Collection<ImageHold> released)
            throws JournalException {
        changeKnown(images, (known, image) -> known.release(known.put(image), released));
    }

    @Override
    public synchronized void endHolds(Collection<ImageChange> judged) throws JournalException {
        changeKnown(judged, KnownImageRows::end);
    }

    @FunctionalInterface
    private interface KnownChange<T> {
        void make(KnownImageRows known, T one) throws SQLException;
    }

    /** Makes all changes or none. */
    private <T> void changeKnown(Collection<T> all, KnownChange<T> change) throws JournalException {
        if (all.isEmpty()) {
            return;
        }
        write(tables -> {
            for (T one : all) {
                change.make(tables.images(), one);
            }
        });
    }

    @Override
    public void sync() throws JournalException {
        try {
            log.sync();
        } catch (IOException e) {
            throw file.notSynced(e);
        }
    }

    @FunctionalInterface
    private interface Question<T> {
        T ask(Tables tables) throws SQLException;
    }

    private <T> T read(Question<T> question) throws JournalException {
        try {
            Tables open = open();
            T answer = question.ask(open);
            open.sql().commit();
            return answer;
        } catch (SQLException e) {
            closeAfter(e);
            throw file.failed("read", e);
        } catch (IllegalArgumentException e) {
            closeAfter(e);
            throw file.damaged(String.valueOf(e.getMessage()), e);
        } catch (RuntimeException | Error e) {
            closeAfter(e);
            throw e;
        }
    }

    @FunctionalInterface
    private interface Change {
        void make(Tables tables) throws SQLException;
    }

    /** Writes these files, which labels are to be set on, and the change. */
    private void write(Collection<FileRecord> labelled, Change change) throws JournalException {
        write(tables -> {
            tables.rows().putFiles(labelled);
            change.make(tables);
        });
        if (!labelled.isEmpty()) {
            try {
                log.written(file.log());
            } catch (IOException e) {
                throw file.notSynced(e);
            }
        }
    }

    /** After a failed sync nothing is written: SQLite would copy what the kernel may have dropped into the database. */
    private void write(Change change) throws JournalException {
        if (log.isBroken()) {
            throw file.notSynced(new IOException("an earlier write has failed"));
        }
        try {
            Tables open = open();
            change.make(open);
            open.sql().commit();
        } catch (SQLException e) {
            closeAfter(e);
            throw file.failed("write", e);
        } catch (RuntimeException | Error e) {
            // No memory between two rows, perhaps. The service goes on, and the next commit would make this half last.
            closeAfter(e);
            throw e;
        }
    }

    /**
     * After a failure (a full disk, for example) sqlite-jdbc leaves statements that it has closed itself, and believes
     * that the connection is in a transaction when it is not. Closing reverts everything that was not committed.
     */
    private void closeAfter(Throwable failure) {
        try (Statements _ = tables == null ? null : tables.sql()) {
            tables = null;
        } catch (SQLException | RuntimeException | Error e) {
            failure.addSuppressed(e);
        }
        // Only now: a sync in between has the log of all that was written.
        log.release(file.isLogGone());
    }

    /** Work that a file system has held up can be late. The file may be the next service's by then. */
    private Tables open() throws SQLException, JournalException {
        Tables open = tables;
        if (open == null) {
            if (!lockFile.isOpen()) {
                throw new JournalException(file.path() + ": closed, since this service has ended; ask the next one");
            }
            open = Tables.on(file.connect());
            tables = open;
            open.sql().begin();
        }
        return open;
    }

    /** After a failed sync the log stays as it is: the next service finds its good part by the checksums. */
    @Override
    public synchronized void close() throws JournalException {
        try (lockFile;
                log;
                Statements _ = tables == null || log.isBroken() ? null : tables.sql()) {
            tables = null;
        } catch (SQLException e) {
            throw file.failed("close", e);
        } catch (IOException e) {
            throw new JournalException(file.path() + ": could not close the lock file: " + e.getMessage(), e);
        }
    }
}
