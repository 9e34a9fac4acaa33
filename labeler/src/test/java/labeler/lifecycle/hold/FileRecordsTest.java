package labeler.lifecycle.hold;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.journal.FileRecord;
import labeler.journal.Journal;
import labeler.journal.SqliteJournal;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Timestamp;
import labeler.linux.fake.FakeLinux;
import labeler.plan.Sharing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRecordsTest {
    private static final long DEVICE = 0x801;
    private static final long OTHER_DEVICE = 0x802;

    private final FileRecords records = new FileRecords();

    @TempDir
    Path directory;

    private static FileIdentity identity(long device) {
        return new FileIdentity(device, 77, Optional.of(new Timestamp(1_700_000_000L, 5)));
    }

    private static FileIdentity withoutBirth(long device) {
        return new FileIdentity(device, 77, Optional.empty());
    }

    private static FileRecord record(long id, FileIdentity identity) {
        HostPath path = HostPath.of("/images/one");
        return new FileRecord(
                id,
                identity,
                OptionalLong.empty(),
                path,
                path,
                Optional.empty(),
                "boot " + id,
                Optional.empty(),
                Optional.empty(),
                Set.of(),
                Sharing.EXCLUSIVE,
                Optional.empty());
    }

    private void put(FileRecord... all) {
        List.of(all).forEach(record -> {
            Optional<FileRecord> _ = records.put(record);
        });
    }

    private static List<Long> numbers(List<FileRecord> all) {
        return all.stream().map(FileRecord::id).toList();
    }

    @Test
    void of_two_records_of_one_file_the_latest_counts_whichever_was_put_last() {
        FileRecord ofLastBoot = record(5, identity(DEVICE));
        put(ofLastBoot, record(9, identity(DEVICE)), ofLastBoot);
        assertThat(records.newest(identity(DEVICE)).map(FileRecord::id)).contains(9L);
        assertThat(numbers(records.alike(identity(DEVICE)))).containsExactly(9L, 5L);
    }

    @Test
    void the_earlier_record_of_a_file_is_there_when_the_latest_goes() {
        put(record(5, identity(DEVICE)), record(9, identity(DEVICE)));
        assertThat(records.remove(9).map(FileRecord::id)).contains(9L);
        assertThat(records.newest(identity(DEVICE)).map(FileRecord::id)).contains(5L);
        assertThat(records.remove(5).map(FileRecord::id)).contains(5L);
        assertThat(records.newest(identity(DEVICE))).isEmpty();
        assertThat(records.alike(identity(DEVICE))).isEmpty();
    }

    @Test
    void a_record_on_another_device_is_alike_and_comes_after_the_files_own() {
        put(record(5, identity(DEVICE)), record(9, identity(OTHER_DEVICE)));
        assertThat(records.newest(identity(DEVICE)).map(FileRecord::id)).contains(5L);
        assertThat(numbers(records.alike(identity(DEVICE)))).containsExactly(5L, 9L);
        assertThat(records.newestAlike(identity(DEVICE)).map(FileRecord::id)).contains(9L);
    }

    @Test
    void without_a_birth_time_nothing_but_the_file_itself_is_alike() {
        put(record(5, withoutBirth(DEVICE)), record(9, withoutBirth(OTHER_DEVICE)));
        assertThat(numbers(records.alike(withoutBirth(DEVICE)))).containsExactly(5L);
        assertThat(records.newestAlike(withoutBirth(DEVICE))).isEmpty();
    }

    @Test
    void a_record_whose_file_system_came_back_on_another_device_is_found_there_and_not_where_it_was() {
        put(record(5, withoutBirth(DEVICE)), record(5, withoutBirth(OTHER_DEVICE)));
        assertThat(records.newest(withoutBirth(DEVICE))).isEmpty();
        assertThat(records.newest(withoutBirth(OTHER_DEVICE)).map(FileRecord::id))
                .contains(5L);
        assertThat(records.all()).hasSize(1);
    }

    @Test
    void the_labels_of_a_tree_are_kept_with_its_latest_record() throws Exception {
        try (Journal journal = SqliteJournal.open(directory)) {
            Holdings holdings = new Holdings(journal, new FakeLinux().linux().processes());
            TreeRecords trees = new TreeRecords(holdings);
            holdings.put(record(5, identity(DEVICE)));
            holdings.put(record(9, identity(DEVICE)));
            assertThat(trees.numbers(identity(DEVICE))).containsExactly(9L, 5L);
            holdings.forget(List.of(5L));
            assertThat(trees.numbers(identity(DEVICE))).containsExactly(9L);
        }
    }
}
