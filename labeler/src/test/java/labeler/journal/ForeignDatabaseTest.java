package labeler.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A SQLite file in the journal's place that is no journal. */
class ForeignDatabaseTest {
    @TempDir
    Path directory;

    private Path database(String... statements) throws SQLException {
        Path file = directory.resolve("journal.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.executeUpdate(sql);
            }
        }
        return file;
    }

    @Test
    void a_database_of_another_program_is_refused_with_a_way_out_and_left_as_it_is() throws Exception {
        for (int version : List.of(0, 1)) {
            Path file = database("CREATE TABLE theirs (x)", "PRAGMA user_version = " + version);

            assertThatThrownBy(() -> SqliteJournal.open(directory))
                    .isInstanceOf(JournalException.class)
                    .message()
                    .startsWith(file + ": ")
                    .contains("not a journal of labeler's")
                    .contains("--state-dir")
                    .hasLineCount(1);
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                    Statement statement = connection.createStatement();
                    var tables = statement.executeQuery("SELECT group_concat(name) FROM sqlite_schema")) {
                assertThat(tables.getString(1)).isEqualTo("theirs");
            }
            Files.delete(file);
        }
    }

    @Test
    void a_journal_that_has_lost_a_table_is_refused() throws Exception {
        SqliteJournal.open(directory).close();
        Path file = database("DROP TABLE earlier_label");

        assertThatThrownBy(() -> SqliteJournal.open(directory))
                .isInstanceOf(JournalException.class)
                .hasMessageStartingWith(file + ": not a journal of labeler's");
    }

    @Test
    void an_empty_file_becomes_a_journal() throws Exception {
        Files.createFile(directory.resolve("journal.db"));

        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            assertThat(journal.load().vms()).isEmpty();
        }
    }
}
