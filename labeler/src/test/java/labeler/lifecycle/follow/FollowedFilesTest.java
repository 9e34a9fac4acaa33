package labeler.lifecycle.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.fileset.FileUse;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.acquisition.JoinedFiles;
import labeler.lifecycle.acquisition.MissingOutputs;
import labeler.problem.Problem;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowedFilesTest {
    private static final VmName ONE = new VmName("one");
    private static final HoldTrigger COMMAND = new HoldTrigger.Command(7);
    private static final HoldTrigger JOB = new HoldTrigger.Job("commit0");

    @AutoClose
    private final FollowedHost host;

    private final String image;

    /** VM one has the overlay "top" on the raw "base". */
    FollowedFilesTest(@TempDir Path root) throws IOException {
        host = new FollowedHost(root);
        host.raw("base");
        host.overlay("top", "base", "raw");
        image = host.start("one", host.image("top", ImageFormat.QCOW2, Access.READ_WRITE));
    }

    private VmRun one() {
        return host.files().run(ONE);
    }

    @Test
    void a_new_overlay_is_made_empty_for_the_vms_owner_and_labelled_before_the_command() throws IOException {
        try (JoinedFiles taken = host.take("one", COMMAND, host.created("new"))) {
            assertThat(host.label("new")).isEqualTo(image);
            assertThat(Files.size(host.path("new"))).isZero();
            assertThat(Files.getPosixFilePermissions(host.path("new")))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            assertThat(Files.getAttribute(host.path("new"), "unix:uid")).isEqualTo(1234);
            assertThat(Files.getAttribute(host.path("new"), "unix:gid")).isEqualTo(2345);
            assertThat(taken.made()).extracting(made -> made.path()).containsExactly(host.hostPath("new"));
            assertThat(taken.descriptors()).isEmpty();
            assertThat(host.files().commands(ONE)).containsExactly(7L);
            assertThat(taken.vm().files()).containsAll(taken.holds());
        }
    }

    @Test
    void an_overlay_is_taken_with_all_that_its_headers_name() throws IOException {
        host.raw("base2");
        host.overlay("middle", "base2", "raw");
        host.overlay("other", "middle", "qcow2");

        JoinedFiles taken =
                host.take("one", new HoldTrigger.Graph(), host.image("other", ImageFormat.QCOW2, Access.READ_WRITE));

        assertThat(host.label("other")).isEqualTo(image);
        assertThat(host.label("middle")).isEqualTo(FollowedHost.CONTENT);
        assertThat(host.label("base2")).isEqualTo(FollowedHost.CONTENT);
        assertThat(taken.chains())
                .singleElement()
                .satisfies(chain -> assertThat(chain.layers()).hasSize(3));
        host.end("one", new HoldTrigger.Graph());
        assertThat(host.label("other")).isEqualTo("none");
        assertThat(host.label("middle")).isEqualTo("none");
        assertThat(host.label("base2")).isEqualTo(FollowedHost.HOME);
        assertThat(host.holds("one")).hasSize(2);
    }

    @Test
    void a_base_is_widened_for_a_job_and_narrowed_when_the_job_is_over() {
        assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);

        host.take("one", JOB, host.raw("base", Access.READ_WRITE));
        assertThat(host.label("base")).isEqualTo(image);

        VmReport report = host.end("one", JOB);
        assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);
        assertThat(report.problems()).isEmpty();
        assertThat(report.files()).extracting(FileReport::outcome).containsExactly(FileReport.Outcome.RELABELLED);
        host.settle("one", _ -> List.of());
        assertThat(host.label("base")).isEqualTo(FollowedHost.HOME);
        assertThat(host.label("top")).isEqualTo("none");
    }

    @Test
    void a_base_that_another_vm_reads_cannot_be_widened() throws IOException {
        host.overlay("top2", "base", "raw");
        host.start("two", host.image("top2", ImageFormat.QCOW2, Access.READ_WRITE));
        List<FileHold> before = host.holds("one");

        assertThat(host.refusal("one", JOB, host.raw("base", Access.READ_WRITE), host.created("new")))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.IN_USE);

        assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);
        assertThat(host.holds("one")).isEqualTo(before);
        assertThat(host.path("new")).doesNotExist();
    }

    @Test
    void nobody_else_may_read_a_base_while_a_job_writes_it() throws IOException {
        host.overlay("top2", "base", "raw");
        host.start("two");
        host.take("one", JOB, host.raw("base", Access.READ_WRITE));

        assertThat(host.refusal("two", COMMAND, host.image("top2", ImageFormat.QCOW2, Access.READ_WRITE)))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.IN_USE);
        host.end("one", JOB);
        host.take("two", COMMAND, host.image("top2", ImageFormat.QCOW2, Access.READ_WRITE));
        assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);
    }

    @Test
    void an_old_top_is_only_read_after_a_snapshot() {
        host.take("one", COMMAND, host.created("new"));

        host.settle(
                "one",
                holds -> holds.stream()
                        .map(hold -> hold.path().equals(host.hostPath("top")) ? hold.reading() : hold)
                        .map(hold -> hold.trigger().equals(COMMAND) ? hold.until(new HoldTrigger.Graph()) : hold)
                        .toList());

        assertThat(host.label("top")).isEqualTo(FollowedHost.CONTENT);
        assertThat(host.label("new")).isEqualTo(image);
        assertThat(host.files().commands(ONE)).isEmpty();
        host.lifecycle().stop(ONE, Optional.empty());
        assertThat(host.label("top")).isEqualTo("none");
        assertThat(host.label("new")).isEqualTo("none");
        assertThat(host.label("base")).isEqualTo(FollowedHost.HOME);
    }

    @Test
    void of_two_holds_the_stronger_one_decides_whichever_ends_first() {
        host.take("one", JOB, host.raw("base", Access.READ_WRITE));
        host.take("one", COMMAND, host.raw("base", Access.READ_WRITE));

        host.end("one", JOB);
        assertThat(host.label("base")).isEqualTo(image);
        host.end("one", COMMAND);
        assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);
    }

    @Test
    void of_two_vms_that_read_a_base_the_last_one_gives_it_back() throws IOException {
        host.overlay("top2", "base", "raw");
        host.start("two");
        host.take("two", COMMAND, host.image("top2", ImageFormat.QCOW2, Access.READ_WRITE));

        host.settle("one", _ -> List.of());
        assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);
        assertThat(host.label("top")).isEqualTo("none");
        host.end("two", COMMAND);
        assertThat(host.label("base")).isEqualTo(FollowedHost.HOME);
        assertThat(host.label("top2")).isEqualTo("none");
    }

    @Test
    void a_file_made_for_a_command_that_failed_is_removed_if_nothing_is_in_it() throws IOException {
        JoinedFiles taken = host.take("one", COMMAND, host.created("new"), host.created("written"));
        assertThat(host.files().remove(one(), taken.made())).isEmpty();
        assertThat(host.path("new")).as("still held").exists();
        Files.writeString(host.path("written"), "guest");

        host.end("one", COMMAND);
        assertThat(host.files().remove(one(), taken.made())).isEmpty();

        assertThat(host.path("new")).doesNotExist();
        assertThat(host.path("written")).hasContent("guest");
        assertThat(host.label("written")).isEqualTo("none");
    }

    @Test
    void a_file_that_took_the_place_of_one_that_was_made_is_not_removed() throws IOException {
        JoinedFiles taken = host.take("one", COMMAND, host.created("new"));
        host.end("one", COMMAND);
        Files.move(host.path("new"), host.path("moved"));
        Files.createFile(host.path("new"));

        host.files().remove(one(), taken.made());

        assertThat(host.path("new")).exists();
    }

    /** The same hold, for writing as well. */
    private static FileHold widened(FileHold hold) {
        return new FileHold(
                hold.file(),
                hold.path(),
                hold.treatment(),
                hold.reason(),
                hold.uses().stream().map(FileUse::writing).toList(),
                hold.trigger(),
                hold.handed(),
                hold.made());
    }

    @Test
    void a_hold_is_not_widened_without_asking() {
        VmReport report = host.settle(
                "one", holds -> holds.stream().map(FollowedFilesTest::widened).toList());

        assertThat(report.problems()).extracting(Problem::kind).containsExactly(Problem.Kind.IN_USE);
        assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);
    }

    @Test
    void a_label_of_somebody_else_stays_and_is_reported() throws IOException {
        host.take("one", JOB, host.raw("base", Access.READ_WRITE));
        host.setLabel("base", "system_u:object_r:etc_t:s0");

        assertThat(host.end("one", JOB).files())
                .extracting(FileReport::outcome)
                .containsExactly(FileReport.Outcome.CHANGED_BY_OTHERS);
        assertThat(host.label("base")).isEqualTo("system_u:object_r:etc_t:s0");
        assertThat(host.refusal("one", JOB, host.raw("base", Access.READ_WRITE)))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.CHANGED);
    }

    @Test
    void one_file_that_is_gone_does_not_stop_the_rest() throws IOException {
        host.take("one", JOB, host.raw("base", Access.READ_WRITE), host.created("new"));
        Files.delete(host.path("new"));

        VmReport report = host.end("one", JOB);

        assertThat(report.files())
                .extracting(FileReport::outcome)
                .containsExactlyInAnyOrder(FileReport.Outcome.MISSING, FileReport.Outcome.RELABELLED);
        assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);
    }

    @Test
    void without_room_in_the_journal_nothing_is_taken_and_nothing_is_left() {
        host.journal().failAt(1);

        assertThat(host.refusal("one", JOB, host.raw("base", Access.READ_WRITE), host.created("new")))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.JOURNAL_FAILED);

        assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);
        assertThat(host.path("new")).doesNotExist();
    }

    @Test
    void without_room_in_the_journal_a_settlement_is_made_up_for_later() {
        host.take("one", JOB, host.raw("base", Access.READ_WRITE), host.created("new"));
        host.journal().failAt(1);

        assertThat(host.end("one", JOB).problems())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.JOURNAL_FAILED);
        host.settle("one", holds -> holds);
        assertThat(host.label("base")).isEqualTo(image);
        assertThat(host.label("new")).isEqualTo(image);
        host.end("one", JOB);
        assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);
        assertThat(host.label("new")).isEqualTo("none");
    }

    @Test
    void a_vm_that_has_ended_takes_nothing_and_settles_nothing() {
        host.lifecycle().stop(ONE, Optional.empty());

        assertThat(host.refusal("one", JOB, host.raw("base", Access.READ_WRITE)))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.PROCESS_ENDED);
        assertThat(host.end("one", JOB).problems())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.PROCESS_ENDED);
        assertThat(host.label("base")).isEqualTo(FollowedHost.HOME);
    }

    @Test
    void holds_of_commands_survive_the_service() throws IOException {
        Files.createFile(host.path("there"));
        List<MissingOutputs.NewFile> made = host.take("one", COMMAND, host.created("new"), host.created("there"))
                .made();
        assertThat(made).hasSize(1);
        host.take("one", JOB, host.raw("base", Access.READ_WRITE));

        host.restart();

        assertThat(host.files().commands(ONE)).containsExactly(7L);
        assertThat(host.holds("one"))
                .filteredOn(FileHold::made)
                .extracting(FileHold::path)
                .containsExactly(made.getFirst().path());
        assertThat(host.holds("one")).extracting(FileHold::trigger).contains(COMMAND, JOB);
        assertThat(host.label("base")).isEqualTo(image);
        host.end("one", JOB);
        assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);
        assertThat(host.label("new")).isEqualTo(image);
    }

    @Test
    void a_header_that_the_guest_has_rewritten_is_refused() throws IOException {
        host.raw("secret");
        host.overlay("top", "secret", "raw");

        assertThat(host.refusal("one", COMMAND, host.image("top", ImageFormat.QCOW2, Access.READ_WRITE)))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.NEW_REFERENCE);
        assertThat(host.label("secret")).isEqualTo(FollowedHost.HOME);
    }

    @Test
    void what_a_command_wrote_into_a_header_is_believed_at_the_next_start() throws IOException {
        snapshot();
        assertThat(host.files().known(one(), List.of(new WrittenHeader(host.hostPath("new"), ImageFormat.QCOW2))))
                .isEmpty();

        assertThat(restarted()).isInstanceOf(StartOutcome.Started.class);
    }

    @Test
    void what_nobody_vouches_for_is_the_guests() throws IOException {
        snapshot();

        assertThat(restarted())
                .isInstanceOfSatisfying(
                        StartOutcome.NotStarted.class,
                        not -> assertThat(not.problems())
                                .extracting(Problem::kind)
                                .contains(Problem.Kind.NEW_REFERENCE));
    }

    @Test
    void a_header_that_leads_to_a_file_that_the_vm_does_not_hold_is_nobodys_command() throws IOException {
        host.raw("secret");
        host.take("one", COMMAND, host.created("new"));
        host.overlay("new", "secret", "raw");

        assertThat(host.files().known(one(), List.of(new WrittenHeader(host.hostPath("new"), ImageFormat.QCOW2))))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.NEW_REFERENCE);
        host.lifecycle().stop(ONE, Optional.empty());
        assertThat(host.tryStart("one", host.image("new", ImageFormat.QCOW2, Access.READ_WRITE)))
                .isInstanceOf(StartOutcome.NotStarted.class);
    }

    /** A command makes a new overlay above the top, and qemu writes its header into the empty file. */
    private void snapshot() throws IOException {
        host.take("one", COMMAND, host.created("new"));
        host.overlay("new", "top", "qcow2");
    }

    private StartOutcome restarted() {
        host.lifecycle().stop(ONE, Optional.empty());
        return host.tryStart("one", host.image("new", ImageFormat.QCOW2, Access.READ_WRITE));
    }
}
