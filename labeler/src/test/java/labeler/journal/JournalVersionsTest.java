package labeler.journal;

import static labeler.journal.Records.WITHOUT_NUL;
import static labeler.journal.Records.file;
import static labeler.journal.Records.vm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import labeler.fileset.FileUse;
import labeler.linux.HostPath;
import labeler.plan.Treatment;
import labeler.reference.WrittenTree;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Journals that other versions wrote. */
class JournalVersionsTest {
    @TempDir
    Path directory;

    @Test
    void a_journal_of_a_newer_version_is_left_alone() throws IOException, SQLException {
        SqliteJournal.open(directory).close();
        change("PRAGMA user_version = 99");

        assertThatThrownBy(() -> SqliteJournal.open(directory))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("newer labelerd");
    }

    @Test
    void a_journal_of_the_first_version_is_brought_up_to_date() throws IOException, SQLException {
        FileRecord one = file(1, Optional.empty());
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm("web", one), List.of(one));
        }
        change("ALTER TABLE file DROP COLUMN handle");
        toSecondVersion();
        change("PRAGMA user_version = 1");

        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            assertThat(journal.load().files()).containsExactly(ofUnknownBoot(one));
        }
    }

    @Test
    void a_journal_of_the_second_version_is_brought_up_to_date() throws IOException, SQLException {
        FileRecord one = file(1, Optional.of(WITHOUT_NUL));
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm("web", one), List.of(one));
        }
        toSecondVersion();
        change("PRAGMA user_version = 2");

        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            assertThat(journal.load().files()).containsExactly(ofUnknownBoot(one));
        }
    }

    private void toSecondVersion() throws SQLException {
        toFourthVersion();
        change("ALTER TABLE file DROP COLUMN boot_id");
        change("ALTER TABLE file ADD COLUMN created INTEGER NOT NULL DEFAULT 0");
    }

    private void toFourthVersion() throws SQLException {
        change("DROP TABLE written_tree");
        change("DROP TABLE guard");
        change("DROP TABLE guard_set");
        change("ALTER TABLE hold DROP COLUMN ends_with");
        change("ALTER TABLE hold DROP COLUMN made");
        change("ALTER TABLE file DROP COLUMN file_system");
        for (String removal : KnownImagesTest.REMOVAL) {
            change(removal);
        }
        change("ALTER TABLE file DROP COLUMN given_back_in");
        change("ALTER TABLE hold DROP COLUMN handed");
        change("ALTER TABLE vm DROP COLUMN selinux");
        change("ALTER TABLE vm DROP COLUMN started_by");
        change("ALTER TABLE vm DROP COLUMN directory");
        change("DROP TABLE disk");
        change("ALTER TABLE hold DROP COLUMN disk");
    }

    @Test
    void a_journal_of_the_fourth_version_is_brought_up_to_date() throws IOException, SQLException {
        FileRecord one = file(1, Optional.of(WITHOUT_NUL));
        VmRecord vm = vm("web", one);
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm, List.of(one));
        }
        toFourthVersion();
        change("PRAGMA user_version = 4");

        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            assertThat(journal.load().vms()).singleElement().satisfies(read -> {
                assertThat(read.files()).isEqualTo(vm.files());
                assertThat(read.disks()).isEmpty();
                assertThat(read.confinement()).isEqualTo(new VmRecord.Confinement(false, true));
            });
        }
    }

    /** They run on during the update, and their guests may write in the trees. */
    @Test
    void a_journal_from_before_trees_were_remembered_has_those_of_its_vms() throws IOException, SQLException {
        FileRecord one = file(1, Optional.of(WITHOUT_NUL));
        FileRecord two = file(2, Optional.of(WITHOUT_NUL));
        FileHold labelled = tree(OptionalLong.of(1), UseAccess.READ_WRITE, HostPath.of("/link/tree"));
        FileHold asItIs = tree(OptionalLong.empty(), UseAccess.READ_WRITE, HostPath.of("/other/tree"));
        FileHold read = tree(OptionalLong.of(2), UseAccess.READ_ONLY, HostPath.of("/third/tree"));
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm("web").holding(List.of(labelled, asItIs, read)), List.of(one, two));
        }
        change("DROP TABLE written_tree");
        change("PRAGMA user_version = " + JournalSchema.UPGRADES.size());

        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            assertThat(journal.treesAround(one.realPath().child("below")))
                    .containsExactly(new WrittenTree(one.realPath(), new VmName("web"), true));
            assertThat(journal.treesAround(HostPath.of("/other/tree/below/file")))
                    .containsExactly(new WrittenTree(asItIs.path(), new VmName("web"), true));
            assertThat(journal.treesAround(two.realPath().child("below"))).isEmpty();
        }
    }

    private static FileHold tree(OptionalLong file, UseAccess access, HostPath path) {
        return new FileHold(
                file,
                path,
                file.isPresent() ? Treatment.LABEL : Treatment.LEAVE,
                "because",
                List.of(new FileUse(new Origin("-virtfs[0]"), FileRole.TREE, access)),
                new HoldTrigger.Start(),
                List.of(),
                false);
    }

    private static FileRecord ofUnknownBoot(FileRecord file) {
        return new FileRecord(
                file.id(),
                file.identity(),
                OptionalLong.empty(),
                file.path(),
                file.realPath(),
                file.handle(),
                "",
                file.original(),
                file.applied(),
                file.earlier(),
                file.sharing(),
                Optional.empty());
    }

    private void change(String sql) throws SQLException {
        Records.change(directory, sql);
    }
}
