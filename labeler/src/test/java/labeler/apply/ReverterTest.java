package labeler.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.apply.Reverter.ChangedByOthers;
import labeler.apply.Reverter.Failed;
import labeler.apply.Reverter.Gone;
import labeler.apply.Reverter.NotFound;
import labeler.apply.Reverter.OnRecordAnew;
import labeler.apply.Reverter.Reverted;
import labeler.journal.FileRecord;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.selinux.Level;
import labeler.selinux.StoredLabel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReverterTest extends ApplyTest {
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
    void a_file_with_a_label_of_ours_gets_its_original() throws LinuxException {
        FileRecord record = labelled("/vm/a");

        assertThat(reverter.revert(record)).isEqualTo(new Reverted());

        assertThat(kernel.label("/vm/a")).contains(HOME);
    }

    @Test
    void or_none_if_it_had_none() throws LinuxException {
        FileRecord record = with(Optional.empty(), Optional.of(label(IMAGE)), Set.of(), labelled("/vm/a"));

        assertThat(reverter.revert(record)).isEqualTo(new Reverted());

        assertThat(kernel.label("/vm/a")).isEmpty();
    }

    @Test
    void a_file_that_was_moved_gets_it_under_its_new_name() throws LinuxException {
        FileRecord record = labelled("/vm/a");
        kernel.rename("/vm/a", "/vm/b");

        assertThat(reverter.revert(record)).isEqualTo(new Reverted());

        assertThat(kernel.label("/vm/b")).contains(HOME);
    }

    @Test
    void a_file_that_has_its_original_is_not_changed() throws LinuxException {
        FileRecord record = labelled("/vm/a");
        kernel.setLabel("/vm/a", HOME);

        assertThat(reverter.revert(record)).isEqualTo(new Reverted());

        assertThat(changes()).isEmpty();
    }

    @Test
    void a_label_that_somebody_else_gave_stays() throws LinuxException {
        FileRecord record = labelled("/vm/a");
        kernel.setLabel("/vm/a", TEMPORARY);

        assertThat(reverter.revert(record)).isEqualTo(new ChangedByOthers(Optional.of(label(TEMPORARY))));

        assertThat(kernel.label("/vm/a")).contains(TEMPORARY);
        assertThat(changes()).isEmpty();
    }

    @Test
    void a_label_that_somebody_else_took_away_stays_away() throws LinuxException {
        FileRecord record = labelled("/vm/a");
        kernel.removeAttribute("/vm/a", AttributeName.SECURITY_SELINUX);

        assertThat(reverter.revert(record)).isEqualTo(new ChangedByOthers(Optional.empty()));

        assertThat(changes()).isEmpty();
    }

    @Test
    void a_label_of_ours_of_before_is_ours() throws LinuxException {
        FileRecord record =
                with(Optional.of(label(HOME)), Optional.of(label(CONTENT)), Set.of(label(IMAGE)), labelled("/vm/a"));

        assertThat(reverter.revert(record)).isEqualTo(new Reverted());

        assertThat(kernel.label("/vm/a")).contains(HOME);
    }

    @Test
    void on_a_file_that_was_given_back_in_this_boot_a_label_without_a_pair_is_somebodys_and_one_with_it_ours()
            throws LinuxException {
        FileRecord given = with(
                        Optional.of(label(HOME)), Optional.of(label(CONTENT)), Set.of(label(IMAGE)), labelled("/vm/a"))
                .givenBack(BOOT);

        assertThat(reverter.revert(given)).isEqualTo(new Reverted());

        kernel.setLabel("/vm/a", CONTENT);
        assertThat(reverter.revert(given)).isEqualTo(new ChangedByOthers(Optional.of(label(CONTENT))));
        assertThat(reverter.revert(given.givenBack(EARLIER_BOOT))).isEqualTo(new Reverted());
        assertThat(kernel.label("/vm/a")).contains(HOME);
    }

    @Test
    void a_file_that_another_record_speaks_for_is_not_touched() throws LinuxException {
        FileRecord record = labelled("/vm/a");
        Reverter asking = new Reverter(
                kernel.linux(),
                labels,
                trees,
                (identity, otherThan) -> identity.equals(record.identity()) && otherThan == record.id(),
                BOOT,
                (asked, _) -> new Reverter.Free(asked));

        assertThat(asking.revert(record)).isEqualTo(new OnRecordAnew());

        assertThat(changes()).isEmpty();
    }

    /** A fenced host's label: the registry has it as this host's to take back, and that host has its pair still. */
    @Test
    void a_label_that_all_hosts_agree_on_goes_back_and_another_is_asked_about() throws LinuxException {
        file("/vm/a", IMAGE);
        FileRecord record = with(Optional.of(label(HOME)), Optional.empty(), Set.of(label(IMAGE)), record("/vm/a"));

        assertThat(needed(Set.of()).revert(record)).isInstanceOf(Failed.class);
        assertThat(kernel.label("/vm/a")).contains(IMAGE);
        assertThat(needed(Set.of(label(IMAGE))).revert(record)).isEqualTo(new Reverted());
        assertThat(kernel.label("/vm/a")).contains(HOME);
    }

    /** Another host may need each pair. */
    private Reverter needed(Set<StoredLabel> agreed) {
        Reverter.Gate gate = new Reverter.Gate() {
            @Override
            public Reverter.Passage ask(FileRecord record, OpenedFile file) {
                return new Reverter.Free(record, agreed);
            }

            @Override
            public Optional<String> mayNeed(OpenedFile file, Level level) {
                return Optional.of("host beta has its pair");
            }
        };
        return new Reverter(kernel.linux(), labels, trees, (identity, otherThan) -> false, BOOT, gate);
    }

    @Test
    void a_look_says_what_would_come_of_it_and_changes_nothing() throws LinuxException {
        FileRecord record = labelled("/vm/a");

        assertThat(reverter.look(record)).isEqualTo(new Reverted());
        assertThat(kernel.label("/vm/a")).contains(IMAGE);
        kernel.setLabel("/vm/a", TEMPORARY);
        assertThat(reverter.look(record)).isInstanceOf(ChangedByOthers.class);
        kernel.delete("/vm/a");
        assertThat(reverter.look(record)).isInstanceOf(Gone.class);

        assertThat(changes()).isEmpty();
    }

    @Test
    void a_deleted_file_is_deleted() throws LinuxException {
        FileRecord record = labelled("/vm/a");
        kernel.delete("/vm/a");

        assertThat(reverter.revert(record)).isInstanceOf(Gone.class);
    }

    @Test
    void a_file_that_cannot_be_found_is_lost() throws LinuxException {
        kernel.rootMount().withoutHandles();
        FileRecord record = labelled("/vm/a");
        kernel.rename("/vm/a", "/vm/b");

        assertThat(reverter.revert(record)).isInstanceOf(NotFound.class);

        assertThat(kernel.label("/vm/b")).contains(IMAGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fgetxattr", "fsetxattr", "fstatfs"})
    void an_error_on_the_way_is_said_and_another_time_it_goes_well(String call) throws LinuxException {
        FileRecord record = labelled("/vm/a");
        kernel.faults().failAlways(call, "/vm/a", Errno.EIO);

        assertThat(reverter.revert(record))
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> assertThat(failed.message())
                                .contains(call + " /vm/a")
                                .contains(Errno.EIO.text()));

        kernel.faults().clear();
        assertThat(reverter.revert(record)).isEqualTo(new Reverted());
        assertThat(kernel.label("/vm/a")).contains(HOME);
    }

    @Test
    void an_error_on_the_way_leaves_nothing_open() throws LinuxException {
        FileRecord record = labelled("/vm/a");

        assertThatThrownBy(() -> reverter.revert(record, _ -> {
                    throw new OutOfMemoryError("of the test");
                }))
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(kernel.openDescriptors()).isZero();

        try (SyncRound round = reverter.beginRound()) {
            kernel.faults()
                    .beforeNext(
                            "openat2",
                            () -> kernel.faults().beforeNext("openat2", () -> {
                                throw new OutOfMemoryError("of the test");
                            }));
            assertThatThrownBy(() -> reverter.settle(record, round)).isInstanceOf(OutOfMemoryError.class);
        }
    }

    @Test
    void an_original_that_did_not_arrive_is_a_failure() throws LinuxException {
        FileRecord record = labelled("/vm/a");
        kernel.faults().failOn("fgetxattr", 2, Errno.EIO);

        assertThat(reverter.revert(record)).isInstanceOf(Failed.class);
    }

    @Test
    void what_is_settled_is_certain_once_its_device_is_written() throws LinuxException {
        FileRecord record = labelled("/vm/a");
        try (SyncRound round = reverter.beginRound()) {
            Reverter.Settled settled = reverter.settle(record, round);

            assertThat(settled.reversion()).isEqualTo(new Reverted());
            assertThat(settled.device()).hasValue(record.identity().device());
            assertThat(round.write()).containsExactly(record.identity().device());
        }
        assertThat(changes()).containsExactly("fsetxattr /vm/a", "syncfs /vm/a");
    }

    @Test
    void also_that_a_file_is_deleted() throws LinuxException {
        FileRecord record = labelled("/vm/a");
        kernel.delete("/vm/a");
        try (SyncRound round = reverter.beginRound()) {
            Reverter.Settled settled = reverter.settle(record, round);

            assertThat(settled.reversion()).isInstanceOf(Gone.class);
            assertThat(settled.device()).hasValue(record.identity().device());
        }
    }

    @Test
    void nothing_makes_certain_what_is_lost_or_failed() throws LinuxException {
        FileRecord one = labelled("/vm/one");
        FileRecord two = labelled("/vm/two");
        kernel.delete("/vm/one");
        kernel.faults().failAlways("fstatfs", "/vm/two", Errno.EIO);
        try (SyncRound round = reverter.beginRound()) {
            Reverter.Settled lost = reverter.settle(seenIn(EARLIER_BOOT, one), round);
            Reverter.Settled unreachable = reverter.settle(two, round);
            kernel.faults().clear();
            kernel.faults().failAlways("fsetxattr", "/vm/two", Errno.EIO);
            Reverter.Settled failed = reverter.settle(two, round);

            assertThat(lost.reversion()).isInstanceOf(NotFound.class);
            assertThat(unreachable.reversion()).isInstanceOf(Failed.class);
            assertThat(failed.reversion()).isInstanceOf(Failed.class);
            assertThat(List.of(lost, unreachable, failed))
                    .allSatisfy(settled -> assertThat(settled.device()).isEmpty());
        }
    }

    @Test
    void a_label_is_written_anew_after_a_sync_that_failed_and_only_until_one_succeeds() throws LinuxException {
        FileRecord record = labelled("/vm/a");
        kernel.faults().failOn("syncfs", 1, Errno.EIO);
        settleAndWrite(record);
        kernel.faults().forgetCalls();

        assertThat(settleAndWrite(record)).containsExactly(record.identity().device());
        assertThat(changes()).containsExactly("fsetxattr /vm/a", "fsetxattr /vm/a", "syncfs /vm/a");
        assertThat(kernel.label("/vm/a")).contains(HOME);

        kernel.faults().forgetCalls();
        settleAndWrite(record);
        assertThat(changes()).containsExactly("syncfs /vm/a");
    }

    @Test
    void what_comes_in_between_is_a_label_with_a_pair_so_that_a_crash_there_leaves_one_that_is_known()
            throws LinuxException {
        FileRecord record = with(
                Optional.of(label(HOME)),
                Optional.of(label(CONTENT)),
                Set.of(label(IMAGE), label(HOME)),
                labelled("/vm/a"));
        kernel.faults().failOn("syncfs", 1, Errno.EIO);
        settleAndWrite(record);
        kernel.faults().failOn("fsetxattr", 2, Errno.EIO);

        try (SyncRound round = reverter.beginRound()) {
            assertThat(reverter.settle(record, round).reversion()).isInstanceOf(Failed.class);
        }

        assertThat(kernel.label("/vm/a")).contains(IMAGE);
    }

    @Test
    void a_file_that_was_never_labelled_is_never_written_anew() throws LinuxException {
        FileRecord record = with(Optional.of(label(HOME)), Optional.empty(), Set.of(), labelled("/vm/a"));
        kernel.setLabel("/vm/a", HOME);
        kernel.faults().failOn("syncfs", 1, Errno.EIO);
        settleAndWrite(record);
        kernel.faults().forgetCalls();

        settleAndWrite(record);

        assertThat(changes()).containsExactly("syncfs /vm/a");
    }

    private Set<Long> settleAndWrite(FileRecord record) {
        try (SyncRound round = reverter.beginRound()) {
            assertThat(reverter.settle(record, round).reversion()).isEqualTo(new Reverted());
            return round.write();
        }
    }
}
