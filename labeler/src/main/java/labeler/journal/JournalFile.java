package labeler.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import labeler.problem.IoReason;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/** The database's file. Opens it, brings it up to date, and explains why a file is not usable. */
record JournalFile(Path path) {
    private static final List<String> PRAGMAS =
            List.of("PRAGMA locking_mode = EXCLUSIVE", "PRAGMA foreign_keys = ON", "PRAGMA synchronous = NORMAL");

    /** The write-ahead log, which SQLite keeps beside the file itself, and not beside a symbolic link. */
    Path log() throws IOException {
        Path itself = path.toRealPath();
        return itself.resolveSibling(itself.getFileName() + "-wal");
    }

    /** Whether SQLite has copied the log into the database and removed it. */
    boolean isLogGone() {
        try {
            return Files.notExists(log());
        } catch (IOException e) {
            return false;
        }
    }

    /** Makes the tables, or brings those of an older version up to date. */
    Connection open() throws SQLException, JournalException {
        Connection connection = connect();
        try {
            prepare(connection);
            return connection;
        } catch (SQLException | JournalException e) {
            connection.close();
            throw e;
        }
    }

    /**
     * The lock is exclusive from the first access on. SQLite then keeps the index of its write-ahead log in its own
     * memory (since 3.7.0) and not in a mapped file. If the file system has no free block for a page of a mapped file,
     * a write to it would end this process with SIGBUS.
     */
    Connection connect() throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(2000);
        // Otherwise the driver asks for the number of the last row after each insertion.
        config.setGetGeneratedKeys(false);
        // As a URI (https://www.sqlite.org/uri.html): the text of a path loses characters that do not fit the locale.
        Connection connection =
                DriverManager.getConnection("jdbc:sqlite:file:" + path.toUri().getRawPath(), config.toProperties());
        try (Statement statement = connection.createStatement()) {
            // Before any other access. The driver has an order of its own.
            for (String pragma : PRAGMAS) {
                statement.execute(pragma);
            }
        } catch (SQLException | RuntimeException | Error e) {
            // Left open, it would keep every later one out.
            connection.close();
            throw e;
        }
        return connection;
    }

    private void prepare(Connection connection) throws SQLException, JournalException {
        try (Statement statement = connection.createStatement()) {
            String check = single(statement, "PRAGMA quick_check(1)");
            if (!check.equals("ok")) {
                throw damaged(check, null);
            }
            int version = Integer.parseInt(single(statement, "PRAGMA user_version"));
            if (version > JournalSchema.VERSION) {
                throw new JournalException(path + ": written by a newer labelerd (schema " + version
                        + ", this one knows " + JournalSchema.VERSION + "); install that version again");
            }
            if (!JournalSchema.isJournal(connection, version)) {
                throw new JournalException(path + ": not a journal of labeler's, though a database; move it away, or"
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

    static String single(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? String.valueOf(result.getString(1)) : "";
        }
    }

    JournalException failed(String what, SQLException e) {
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return switch (SQLiteErrorCode.getErrorCode(e.getErrorCode())) {
            case SQLITE_CORRUPT, SQLITE_CORRUPT_VTAB, SQLITE_CORRUPT_SEQUENCE, SQLITE_CORRUPT_INDEX, SQLITE_NOTADB ->
                damaged(message, e);
            // The shared index beside the journal could not grow.
            case SQLITE_FULL, SQLITE_IOERR_SHMSIZE ->
                new JournalException(path + ": no space left for the journal; free some on its file system", e);
            // All other codes mean that the file or its directory could not be used.
            default ->
                new JournalException(
                        path + ": could not " + what + " the journal (" + message
                                + "); check the directory's permissions and free space",
                        e);
        };
    }

    JournalException notSynced(IOException e) {
        return new JournalException(
                path + ": the journal could not be written to its disk (" + IoReason.of(e)
                        + "); check that disk and the free space on it, then restart labelerd",
                e);
    }

    JournalException damaged(String detail, @Nullable Exception e) {
        String message = path + ": the journal is damaged (" + detail
                + "); restore it from a backup, or move it away and relabel the files of stopped VMs with restorecon";
        return e == null ? new JournalException(message) : new JournalException(message, e);
    }
}
