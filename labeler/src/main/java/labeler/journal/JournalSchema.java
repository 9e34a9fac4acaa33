package labeler.journal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The journal's tables in each of their versions. */
final class JournalSchema {
    private static final String DISK = """
            CREATE TABLE disk (
              vm TEXT NOT NULL REFERENCES vm(name) ON DELETE CASCADE,
              position INTEGER NOT NULL,
              name TEXT NOT NULL,
              device TEXT,
              nodes TEXT NOT NULL,
              monitor BLOB NOT NULL,
              PRIMARY KEY (vm, name)
            ) WITHOUT ROWID""";

    /** The file of each descriptor set on which a block node of a guarded VM may stand. */
    private static final String GUARD_SET = """
            CREATE TABLE guard_set (
              vm TEXT NOT NULL REFERENCES vm(name) ON DELETE CASCADE,
              number INTEGER NOT NULL,
              path BLOB NOT NULL,
              PRIMARY KEY (vm, number)
            ) WITHOUT ROWID""";

    /** Whether the service made the set. Older rows are of such sets alone. */
    private static final String OWN_SET = "ALTER TABLE guard_set ADD COLUMN own INTEGER NOT NULL DEFAULT 1";

    /** Whether qemu has all of it. Unknown for older rows: whose device has that id is seen by its nodes then. */
    private static final String JOINED = "ALTER TABLE disk ADD COLUMN joined INTEGER NOT NULL DEFAULT 0";

    private static final String GUARD = """
            CREATE TABLE guard (
              vm TEXT NOT NULL REFERENCES vm(name) ON DELETE CASCADE,
              position INTEGER NOT NULL,
              place BLOB NOT NULL,
              owner INTEGER NOT NULL,
              whole INTEGER NOT NULL,
              PRIMARY KEY (vm, position)
            ) WITHOUT ROWID""";

    /** Statements that make a new database. */
    static final List<String> SCHEMA = List.of(
            """
            CREATE TABLE vm (
              name TEXT PRIMARY KEY,
              phase TEXT NOT NULL,
              level TEXT NOT NULL,
              process_context TEXT NOT NULL,
              image_context TEXT NOT NULL,
              content_context TEXT NOT NULL,
              shared_context TEXT NOT NULL,
              pid INTEGER,
              process_start INTEGER,
              landlock INTEGER NOT NULL,
              boot_id TEXT NOT NULL,
              external TEXT NOT NULL,
              selinux INTEGER NOT NULL,
              started_by TEXT NOT NULL,
              directory BLOB
            ) WITHOUT ROWID""",
            """
            CREATE TABLE file (
              id INTEGER PRIMARY KEY,
              device INTEGER NOT NULL,
              inode INTEGER NOT NULL,
              birth_seconds INTEGER,
              birth_nanoseconds INTEGER,
              path BLOB NOT NULL,
              real_path BLOB NOT NULL,
              original BLOB,
              applied BLOB NOT NULL,
              sharing TEXT NOT NULL,
              handle BLOB,
              boot_id TEXT NOT NULL,
              given_back_in TEXT,
              file_system INTEGER
            )""",
            """
            CREATE TABLE earlier_label (
              file INTEGER NOT NULL REFERENCES file(id) ON DELETE CASCADE,
              label BLOB NOT NULL,
              PRIMARY KEY (file, label)
            ) WITHOUT ROWID""",
            """
            CREATE TABLE hold (
              vm TEXT NOT NULL REFERENCES vm(name) ON DELETE CASCADE,
              position INTEGER NOT NULL,
              file INTEGER REFERENCES file(id),
              path BLOB NOT NULL,
              treatment TEXT NOT NULL,
              reason TEXT NOT NULL,
              uses TEXT NOT NULL,
              disk TEXT,
              handed TEXT NOT NULL,
              ends_with TEXT,
              made INTEGER NOT NULL,
              PRIMARY KEY (vm, position)
            ) WITHOUT ROWID""",
            "CREATE INDEX hold_file ON hold(file)",
            DISK,
            KnownImageRows.TABLES,
            GUARD,
            GUARD_SET,
            KnownImageRows.BY_BIRTH,
            OWN_SET,
            JOINED,
            WrittenTreeRows.TABLE);

    /** The tables of every version. */
    private static final Set<String> TABLES = Set.of("vm", "file", "earlier_label", "hold");

    /** The changes that each earlier version lacks; the first are for version 1. */
    static final List<String> UPGRADES = List.of(
            "ALTER TABLE file ADD COLUMN handle BLOB",
            // It names no boot, so that no old record counts as one of this boot.
            "ALTER TABLE file ADD COLUMN boot_id TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE file DROP COLUMN created",
            "ALTER TABLE hold ADD COLUMN disk TEXT",
            DISK,
            // Unknown for older rows: such a VM's process is not ended because of its context.
            "ALTER TABLE vm ADD COLUMN selinux INTEGER NOT NULL DEFAULT 0",
            // Unknown for older rows: nothing is reported about open files of such a VM.
            "ALTER TABLE hold ADD COLUMN handed TEXT NOT NULL DEFAULT '[]'",
            "ALTER TABLE file ADD COLUMN given_back_in TEXT",
            KnownImageRows.TABLES,
            // Unknown for older rows: inode and birth time have to be enough.
            "ALTER TABLE file ADD COLUMN file_system INTEGER",
            // Older rows are of starts and disks, and need none.
            "ALTER TABLE hold ADD COLUMN ends_with TEXT",
            GUARD,
            GUARD_SET,
            "ALTER TABLE hold ADD COLUMN made INTEGER NOT NULL DEFAULT 0",
            // Unknown for older rows: such a domain is followed from its next start on.
            "ALTER TABLE vm ADD COLUMN started_by TEXT NOT NULL DEFAULT 'LAUNCHER'",
            KnownImageRows.BY_BIRTH,
            // Unknown for older rows: a relative name is then looked for among those that the VM holds.
            "ALTER TABLE vm ADD COLUMN directory BLOB",
            OWN_SET,
            JOINED,
            WrittenTreeRows.WITH_TREES_ON_RECORD);

    /** The value of {@code user_version}. */
    static final int VERSION = 1 + UPGRADES.size();

    private JournalSchema() {}

    /**
     * Whether the database has the tables of this version: none at all in version 0, every one of ours in any other.
     */
    static boolean isJournal(Connection connection, int version) throws SQLException {
        Set<String> tables = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet names = statement.executeQuery("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
            while (names.next()) {
                tables.add(names.getString(1));
            }
        }
        return version == 0 ? tables.isEmpty() : tables.containsAll(TABLES);
    }
}
