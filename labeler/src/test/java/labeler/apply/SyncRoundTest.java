package labeler.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import labeler.journal.FileRecord;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.fake.FakeMount;
import org.junit.jupiter.api.Test;

class SyncRoundTest extends ApplyTest {
    private final Reverter reverter = new Reverter(
            kernel.linux(),
            labels,
            trees,
            (identity, otherThan) -> false,
            BOOT,
            (record, _) -> new Reverter.Free(record));

    private FileRecord labelled(String path) throws LinuxException {
        file(path, IMAGE);
        return record(path);
    }

    @Test
    void a_device_is_written_once_for_all_its_files() throws LinuxException {
        FileRecord one = labelled("/vm/one");
        FileRecord two = labelled("/vm/two");
        try (SyncRound round = reverter.beginRound()) {
            reverter.settle(one, round);
            reverter.settle(two, round);
            round.write();
        }
        assertThat(changes()).containsExactly("fsetxattr /vm/one", "fsetxattr /vm/two", "syncfs /vm/one");
    }

    @Test
    void where_the_file_cannot_be_opened_a_directory_above_it_is() throws LinuxException {
        FileRecord record = labelled("/vm/pool/a");
        kernel.faults().failAlways("openat2", "/vm/pool/a", Errno.EAGAIN);
        kernel.faults().failAlways("openat2", "/vm/pool", Errno.EACCES);
        try (SyncRound round = reverter.beginRound()) {
            assertThat(reverter.settle(record, round).device()).isPresent();
            round.write();
        }
        assertThat(changes()).containsExactly("fsetxattr /vm/pool/a", "syncfs /vm");
    }

    @Test
    void where_nothing_can_be_opened_the_file_gets_its_label_and_nothing_makes_it_certain() throws LinuxException {
        FileRecord record = labelled("/vm/a");
        kernel.faults().failAlways("openat2", "/vm/a", Errno.EAGAIN);
        kernel.faults().failAlways("openat2", "/vm", Errno.EACCES);
        kernel.faults().failAlways("openat2", "/", Errno.EACCES);
        try (SyncRound round = reverter.beginRound()) {
            Reverter.Settled settled = reverter.settle(record, round);

            assertThat(settled.reversion()).isEqualTo(new Reverter.Reverted());
            assertThat(settled.device()).isEmpty();
            assertThat(round.write()).isEmpty();
        }
    }

    @Test
    void a_directory_of_another_device_covers_no_file() throws LinuxException {
        FakeMount mount = kernel.mount("/data");
        FileRecord record = labelled("/data/a");
        mount.device(0x999);
        try (SyncRound round = reverter.beginRound()) {
            assertThat(round.cover(record)).isEmpty();
            assertThat(kernel.openDescriptors()).isZero();
        }
    }

    @Test
    void each_device_can_be_written_by_a_round_of_its_own() throws LinuxException {
        kernel.mount("/data");
        FileRecord one = labelled("/vm/a");
        FileRecord two = labelled("/data/a");
        try (SyncRound round = reverter.beginRound()) {
            reverter.settle(one, round);
            reverter.settle(two, round);
            Map<Long, SyncRound> rounds = round.byDevice();

            assertThat(rounds)
                    .containsOnlyKeys(one.identity().device(), two.identity().device());
            assertThat(round.write()).isEmpty();
            rounds.forEach((device, own) -> {
                assertThat(own.write()).containsExactly(device);
                own.close();
            });
        }
    }

    @Test
    void a_device_that_failed_is_not_among_those_written_and_in_doubt_until_it_is() throws LinuxException {
        kernel.mount("/data");
        FileRecord one = labelled("/vm/a");
        FileRecord two = labelled("/data/a");
        long failing = two.identity().device();
        kernel.faults().failAlways("syncfs", "/data/a", Errno.EIO);

        assertThat(settleAndWrite(one, two)).containsExactly(one.identity().device());
        try (SyncRound another = reverter.beginRound()) {
            assertThat(another.isDoubtful(failing)).isTrue();
            assertThat(another.isDoubtful(one.identity().device())).isFalse();
        }
        kernel.faults().clear();
        assertThat(settleAndWrite(two)).containsExactly(failing);
        try (SyncRound another = reverter.beginRound()) {
            assertThat(another.isDoubtful(failing)).isFalse();
        }
    }

    private Set<Long> settleAndWrite(FileRecord... records) {
        try (SyncRound round = reverter.beginRound()) {
            for (FileRecord record : records) {
                reverter.settle(record, round);
            }
            return round.write();
        }
    }
}
