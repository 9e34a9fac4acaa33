package labeler.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.descriptors.OpenMode;
import labeler.fileset.External;
import labeler.fileset.FileUse;
import labeler.linux.Access;
import labeler.linux.FileHandle;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.Timestamp;
import labeler.plan.Sharing;
import labeler.plan.Treatment;
import labeler.plan.VmContexts;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteJournalTest {
    private static final StoredLabel WITHOUT_NUL =
            StoredLabel.of("system_u:object_r:etc_t:s0".getBytes(StandardCharsets.US_ASCII));

    @TempDir
    Path directory;

    private static SecurityContext context(String text) {
        return SecurityContext.parse(text).orElseThrow();
    }

    private static VmRecord vm(String name, FileRecord... files) {
        Level level = Level.parse("s0:c1,c2").orElseThrow();
        return new VmRecord(
                new VmName(name),
                VmRecord.Phase.STARTING,
                new VmContexts(
                        level,
                        context("u:r:svirt_t:s0:c1,c2"),
                        context("u:r:svirt_image_t:s0:c1,c2"),
                        context("u:r:virt_content_t:s0"),
                        context("u:r:svirt_image_t:s0")),
                Optional.of(new ProcessIdentity(new Pid(42), 12345)),
                new VmRecord.Confinement(true, true),
                "boot",
                java.util.stream.Stream.concat(
                                java.util.Arrays.stream(files)
                                        .map(file -> hold(OptionalLong.of(file.id()), file.path())),
                                java.util.stream.Stream.of(hold(OptionalLong.empty(), HostPath.of("/usr/fw"))))
                        .toList(),
                List.of(new External("nbd://host/x", "nbd", FileRole.BACKING, "/vm/a")));
    }

    private static FileHold hold(OptionalLong file, HostPath path) {
        return new FileHold(
                file,
                path,
                file.isPresent() ? Treatment.LABEL : Treatment.LEAVE,
                "because",
                List.of(new FileUse(new Origin("-drive[0]"), FileRole.DISK, UseAccess.READ_WRITE)));
    }

    private static FileRecord file(long id, Optional<StoredLabel> original) {
        return new FileRecord(
                id,
                new FileIdentity(0x801, -id, Optional.of(new Timestamp(1_700_000_000L, 999_999_999))),
                original.isPresent() ? OptionalLong.of(-id) : OptionalLong.empty(),
                HostPath.of(new byte[] {'/', (byte) 0xff, (byte) id}),
                HostPath.of("/real/" + id),
                original.map(label -> new FileHandle(1, new byte[] {(byte) id, -1})),
                "boot",
                original,
                Optional.of(StoredLabel.of(context("u:r:svirt_image_t:s0:c1,c2")))
                        .filter(_ -> id != 3),
                Set.of(StoredLabel.of(context("u:r:svirt_image_t:s0:c3,c4"))),
                Sharing.EXCLUSIVE,
                Optional.empty());
    }

    @Test
    void what_is_recorded_is_loaded_again_to_the_byte() throws JournalException {
        FileRecord one = file(1, Optional.of(WITHOUT_NUL));
        FileRecord two = file(2, Optional.empty());
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm("web", one, two), List.of(one, two));
            journal.recordPhase(new VmName("web"), VmRecord.Phase.RUNNING);
        }

        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            Journal.Recorded recorded = journal.load();

            assertThat(recorded.vms()).containsExactly(vm("web", one, two).with(VmRecord.Phase.RUNNING));
            assertThat(recorded.files()).containsExactly(one, two);
            assertThat(recorded.files().getFirst().original().orElseThrow().bytes())
                    .isEqualTo(WITHOUT_NUL.bytes());
        }
    }

    @Test
    void a_file_outlives_its_vm_until_it_is_forgotten() throws JournalException {
        FileRecord one = file(1, Optional.empty());
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm("web", one), List.of(one));
            journal.recordEnd(new VmName("web"), List.of(one.givenBack("boot")));
            assertThat(journal.load().vms()).isEmpty();
            assertThat(journal.load().files()).containsExactly(one.givenBack("boot"));

            journal.forget(List.of(1L));
            assertThat(journal.load().files()).isEmpty();
        }
    }

    @Test
    void a_file_that_a_vm_holds_cannot_be_forgotten() throws JournalException {
        FileRecord one = file(1, Optional.empty());
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm("web", one), List.of(one));

            assertThatThrownBy(() -> journal.forget(List.of(1L))).isInstanceOf(JournalException.class);
            assertThat(journal.load().files()).containsExactly(one);
        }
    }

    @Test
    void a_start_that_cannot_be_recorded_whole_is_not_recorded_at_all() throws JournalException {
        FileRecord one = file(1, Optional.empty());
        FileRecord two = file(2, Optional.empty());
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm("web", one), List.of(one));

            assertThatThrownBy(() -> journal.recordStart(vm("web", two), List.of(two)))
                    .isInstanceOf(JournalException.class);
            assertThat(journal.load().files()).containsExactly(one);
        }
    }

    @Test
    void a_start_is_synced_to_disk_and_a_stop_is_not() throws JournalException, SQLException {
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm("web"), List.of());
            assertThat(journal.synchronous()).isEqualTo("2");
            journal.recordEnd(new VmName("web"), List.of());
            assertThat(journal.synchronous()).isEqualTo("1");
        }
    }

    @Test
    void a_damaged_file_is_said_to_be_damaged() throws IOException {
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm("web"), List.of());
        }
        Path file = directory.resolve("journal.db");
        byte[] bytes = Files.readAllBytes(file);
        java.util.Arrays.fill(bytes, 100, bytes.length, (byte) 0x5a);
        Files.write(file, bytes);

        assertThatThrownBy(() -> SqliteJournal.open(directory))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("damaged")
                .hasMessageContaining("journal.db");
    }

    @Test
    void a_file_that_is_no_database_is_said_to_be_damaged() throws IOException {
        Files.writeString(
                directory.resolve("journal.db"), "this is no database, and long enough to be sure".repeat(40));

        assertThatThrownBy(() -> SqliteJournal.open(directory))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("damaged");
    }

    @Test
    void a_value_that_cannot_be_is_said_to_be_damage() throws IOException, SQLException {
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm("web"), List.of());
        }
        change("UPDATE vm SET pid = -5");

        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            assertThatThrownBy(journal::load)
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    void a_guard_is_on_record_until_its_vm_ends() throws IOException {
        GuardRecord first = new GuardRecord(new VmName("web"), 0, true, List.of(HostPath.of("/a")));
        GuardRecord guard = new GuardRecord(
                new VmName("web"),
                1000,
                false,
                List.of(
                        HostPath.of("/run/qmp.sock"),
                        HostPath.parse(new byte[] {'/', (byte) 0xe4}).orElseThrow()));
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm("web"), List.of());
            journal.recordStart(vm("other"), List.of());
            journal.recordGuard(first);
            journal.recordGuard(guard);
        }
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            assertThat(journal.guards()).containsExactly(guard);
            journal.recordEnd(new VmName("web"), List.of());
            assertThat(journal.guards()).isEmpty();
        }
    }

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

    @Test
    void a_disk_joins_a_vm_and_leaves_it_with_its_holds() throws IOException, SQLException {
        FileRecord one = file(1, Optional.of(WITHOUT_NUL));
        FileRecord two = file(2, Optional.empty());
        VmRecord vm = vm("web", one);
        DiskRecord first = new DiskRecord("d1", Optional.of("d1"), List.of("f", "n"), HostPath.of("/run/qmp"));
        DiskRecord second = new DiskRecord("d2", Optional.empty(), List.of("m"), HostPath.of("/run/qmp"));
        List<FileHold> ofFirst = List.of(hold(two, "d1"), hold(one, "d1"));
        List<FileHold> ofSecond = List.of(hold(two, "d2"));
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm, List.of(one));
            journal.recordJoin(vm.name(), first, ofFirst, List.of(two));
            assertThat(journal.synchronous()).isEqualTo("2");
            journal.recordJoin(vm.name(), second, ofSecond, List.of());
        }
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            assertThat(journal.load().vms())
                    .containsExactly(vm.joinedBy(first, ofFirst).joinedBy(second, ofSecond));
            journal.recordLeave(vm.name(), first, List.of());
            assertThat(journal.load().vms()).containsExactly(vm.joinedBy(second, ofSecond));
            journal.recordEnd(vm.name(), List.of());
            assertThat(journal.load().vms()).isEmpty();
            journal.forget(List.of(1L, 2L));
        }
    }

    @Test
    void all_holds_are_replaced_in_one_step_and_durably_if_a_label_is_about_to_be_set() throws JournalException {
        FileRecord one = file(1, Optional.of(WITHOUT_NUL));
        FileRecord two = file(2, Optional.empty());
        VmRecord vm = vm("web", one);
        List<FileHold> holds =
                HoldTriggerTest.ALL.stream().map(hold(two, "d1")::until).toList();
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm, List.of(one));
            journal.recordHolds(vm.name(), List.of(holds.getFirst()), List.of(two), List.of());
            assertThat(journal.synchronous()).isEqualTo("2");
            journal.recordHolds(vm.name(), holds, List.of(), List.of(two.givenBack("boot")));
            assertThat(journal.synchronous()).isEqualTo("1");
        }
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            assertThat(journal.load().vms()).containsExactly(vm.holding(holds));
            assertThat(journal.load().files()).containsExactly(one, two.givenBack("boot"));
        }
    }

    private static FileHold hold(FileRecord file, String disk) {
        return new FileHold(
                OptionalLong.of(file.id()),
                file.path(),
                Treatment.LABEL,
                "because",
                List.of(),
                new HoldTrigger.Disk(disk),
                List.of(new OpenMode(Access.READ_WRITE, true), new OpenMode(Access.READ_ONLY, false)),
                disk.equals("d2"));
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

    @Test
    void a_second_service_on_the_same_directory_is_refused() throws JournalException {
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            assertThat(journal).isNotNull();
            assertThatThrownBy(() -> SqliteJournal.open(directory))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("another labelerd");
        }
    }

    @Test
    void a_state_directory_that_cannot_be_made_is_said_so() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        assertThatThrownBy(() -> SqliteJournal.open(file.resolve("below")))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("--state-dir");
    }

    private void change(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("journal.db"));
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }
}
