package labeler.journal;

import static labeler.journal.Records.WITHOUT_NUL;
import static labeler.journal.Records.file;
import static labeler.journal.Records.vm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import labeler.fileset.External;
import labeler.fileset.FileUse;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.openfiles.OpenMode;
import labeler.plan.Treatment;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteJournalTest {
    @TempDir
    Path directory;

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
    void the_directory_of_relative_names_is_loaded_to_the_byte() throws JournalException {
        VmRecord web = vm("web", Optional.of(HostPath.of(new byte[] {'/', (byte) 0xff})));
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(web, List.of());
        }

        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            assertThat(journal.load().vms()).containsExactly(web);
        }
    }

    @Test
    void a_set_of_descriptors_is_the_service_s_or_a_client_s() throws JournalException {
        VmName web = new VmName("web");
        GuardSet own = new GuardSet(HostPath.of("/vm/a"), true);
        GuardSet theirs = new GuardSet(HostPath.of("/vm/b"), false);
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm("web"), List.of());
            journal.recordSets(web, Map.of(1L, own, 2L, own));
            journal.recordSets(web, Map.of(2L, theirs, 3L, theirs));
            journal.removeSets(web, List.of(3L, 4L));
        }

        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            assertThat(journal.sets(web)).isEqualTo(Map.of(1L, own, 2L, theirs));
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
    void a_vm_that_is_not_on_record_gets_no_phase() throws JournalException {
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            assertThatThrownBy(() -> journal.recordPhase(new VmName("web"), VmRecord.Phase.RUNNING))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("VM web is not on record");
        }
    }

    /** One row that cannot be read would keep the next service from every VM. */
    @Test
    void every_text_from_outside_that_is_written_can_be_read() throws JournalException {
        String odd = "x\0\n\u202e\ud83d\ude00";
        VmRecord one = vm("web");
        VmRecord web = new VmRecord(
                one.name(),
                one.phase(),
                one.contexts(),
                one.process(),
                one.confinement(),
                List.of(),
                List.of(new External(odd, odd, FileRole.BACKING, odd)),
                one.disks(),
                one.start());
        FileUse use = new FileUse(new Origin(odd), FileRole.DISK, UseAccess.READ_WRITE);
        FileHold hold = new FileHold(
                OptionalLong.empty(),
                HostPath.of("/a"),
                Treatment.LEAVE,
                odd,
                List.of(use),
                new HoldTrigger.Job(odd),
                List.of(),
                false);
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(web, List.of());
            journal.recordHolds(web.name(), List.of(hold), List.of(), List.of());

            assertThat(journal.load().vms()).containsExactly(web.holding(List.of(hold)));
        }
        assertThat(use.origin().text()).isEqualTo("x\\x00\\x0a\\xe2\\x80\\xae\ud83d\ude00");
    }

    @Test
    void a_change_that_no_memory_was_left_for_is_not_made_by_the_next_one() throws JournalException {
        FileRecord one = file(1, Optional.empty());
        FileRecord two = file(2, Optional.empty());
        VmRecord web = vm("web", one, two);
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(web, List.of(one, two));
            List<FileHold> holds = failingAtItsSecond(web.files());

            assertThatThrownBy(() -> journal.recordHolds(web.name(), holds, List.of(), List.of()))
                    .isInstanceOf(OutOfMemoryError.class);
            journal.recordStart(vm("other"), List.of());

            assertThat(journal.load().vms()).containsExactlyInAnyOrder(web, vm("other"));
        }
    }

    private static <T> List<T> failingAtItsSecond(List<T> all) {
        return new AbstractList<>() {
            @Override
            public T get(int index) {
                if (index == 1) {
                    throw new OutOfMemoryError("as a test wants it");
                }
                return all.get(index);
            }

            @Override
            public int size() {
                return all.size();
            }
        };
    }

    /** A mapped index would end the service with SIGBUS if its disk is full. */
    @Test
    void the_index_of_the_log_is_in_memory_and_not_in_a_file() throws IOException {
        for (int i = 0; i < 2; i++) {
            try (SqliteJournal journal = SqliteJournal.open(directory)) {
                journal.recordStart(vm("web" + i), List.of());
                assertThat(directory.resolve("journal.db-wal")).exists();
                assertThat(directory.resolve("journal.db-shm")).doesNotExist();
            }
        }
    }

    @Test
    void a_journal_behind_a_symbolic_link_syncs_the_log_of_the_file_itself() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Path state = Files.createDirectory(directory.resolve("state"));
        Files.createSymbolicLink(state.resolve("journal.db"), elsewhere.resolve("journal.db"));
        FileRecord one = file(1, Optional.empty());
        try (SqliteJournal journal = SqliteJournal.open(state)) {
            journal.recordStart(vm("web", one), List.of(one));
            journal.sync();
            assertThat(elsewhere.resolve("journal.db-wal")).exists();
        }
    }

    /** SQLite removes its log with the last connection, and the next one makes another. */
    @Test
    void a_failed_write_beside_a_sync_leaves_no_stale_log() throws IOException {
        FileRecord one = file(1, Optional.empty());
        FileRecord two = file(2, Optional.empty());
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm("web", one), List.of(one));
            assertThatThrownBy(() -> journal.recordStart(vm("web", two), List.of(two)))
                    .isInstanceOf(JournalException.class);
            journal.sync();
            journal.recordStart(vm("mail", two), List.of(two));
            journal.sync();
            assertThat(openLogs())
                    .containsExactly(directory.resolve("journal.db-wal").toString());
        }
    }

    /** Names of logs that this process has open, each once. */
    private static List<String> openLogs() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(Files::isSymbolicLink)
                    .flatMap(descriptor -> {
                        try {
                            return Stream.of(Files.readSymbolicLink(descriptor).toString());
                        } catch (IOException e) {
                            // It was closed meanwhile.
                            return Stream.empty();
                        }
                    })
                    .filter(name -> name.contains("journal.db-wal"))
                    .distinct()
                    .toList();
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
            journal.recordJoin(vm.name(), second, ofSecond, List.of());
        }
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            assertThat(journal.load().vms())
                    .containsExactly(vm.joinedBy(first, ofFirst).joinedBy(second, ofSecond));
            journal.recordJoined(vm.name(), second.joined());
            journal.recordLeave(vm.name(), first, List.of());
            assertThat(journal.load().vms()).containsExactly(vm.joinedBy(second.joined(), ofSecond));
            journal.recordEnd(vm.name(), List.of());
            assertThat(journal.load().vms()).isEmpty();
            journal.forget(List.of(1L, 2L));
        }
    }

    @Test
    void all_holds_are_replaced_in_one_step() throws JournalException {
        FileRecord one = file(1, Optional.of(WITHOUT_NUL));
        FileRecord two = file(2, Optional.empty());
        VmRecord vm = vm("web", one);
        List<FileHold> holds =
                HoldTriggerTest.ALL.stream().map(hold(two, "d1")::until).toList();
        try (SqliteJournal journal = SqliteJournal.open(directory)) {
            journal.recordStart(vm, List.of(one));
            journal.recordHolds(vm.name(), List.of(holds.getFirst()), List.of(two), List.of());
            journal.recordHolds(vm.name(), holds, List.of(), List.of(two.givenBack("boot")));
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
        Records.change(directory, sql);
    }
}
