package labeler.lifecycle;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import labeler.chain.ImageFormat;
import labeler.journal.VmRecord;
import labeler.launch.HandedDescriptor;
import labeler.lifecycle.hold.VmProcesses;
import labeler.linux.Errno;
import labeler.linux.FileUser;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.Processes;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

/** A VM and its process. */
class VmProcessTest extends HostTest {
    private static final VmName ONE = new VmName("one");

    @Test
    void the_end_of_the_process_gives_the_labels_back() {
        host.kernel.processes().start(77);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).start();

        host.kernel.processes().end(77);

        eventually(() -> host.lifecycle().status().isEmpty());
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void a_vm_starts_again_whose_process_is_gone_and_whose_end_gets_its_turn_late() {
        endUnheard();
        host.kernel.processes().start(78);
        // By then the start has begun to look at files and processes.
        host.kernel.faults().beforeNext("getdents", () -> {
            host.kernel.processes().tellLate(false);
            eventually(() -> host.lifecycle().status().isEmpty());
        });

        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .pid(78)
                        .start()
                        .state())
                .isEqualTo(VmState.RUNNING);

        host.kernel.processes().end(78);
        eventually(() -> host.lifecycle().status().isEmpty());
    }

    @Test
    void a_start_does_not_wait_for_ever_for_the_end_of_a_vm_whose_process_is_gone() {
        endUnheard();

        host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .isRefusedWith(Problem.Kind.NOT_ANSWERING, "the process of VM one has ended", "try again");

        host.kernel.processes().tellLate(false);
        eventually(() -> host.lifecycle().status().isEmpty());
    }

    /** A VM whose process has gone while nobody has time to hear of it. */
    private void endUnheard() {
        host.kernel.processes().start(77);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).start();
        host.kernel.processes().tellLate(true);
        host.kernel.processes().end(77);
    }

    @Test
    void a_number_that_is_another_processs_before_it_is_watched_is_not_watched_for_the_vm() throws IOException {
        host.kernel.processes().start(77);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).start();
        VmRecord vm = host.journal().load().vms().getFirst();
        Processes processes = host.kernel.linux().processes();
        try (VmProcesses watching = new VmProcesses(processes)) {
            host.kernel.faults().beforeNext("pidfd_open", this::takeTheNumberOver);

            watching.watch(vm);

            assertThat(watching.isWatched(vm)).isFalse();
        }
    }

    @Test
    void a_number_that_is_another_processs_in_the_course_of_a_start_is_not_taken_for_the_vms() {
        host.kernel.processes().start(77);
        host.kernel.faults().beforeNext("pidfd_open", this::takeTheNumberOver);

        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).isRefused(Problem.Kind.PROCESS_ENDED);
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void a_number_that_is_another_processs_while_files_are_looked_for_is_not_taken_for_the_vms() {
        host.kernel.processes().start(77);
        host.kernel.faults().beforeNext("openat2", this::takeTheNumberOver);

        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).isRefused(Problem.Kind.PROCESS_ENDED);
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void a_launcher_that_has_ended_before_its_request_was_read_is_not_the_process_that_has_its_number_now() {
        StartRequest request = host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .request()
                .with(host.kernel.processes().start(77));
        takeTheNumberOver();

        assertThat(host.lifecycle().start(request)).isInstanceOf(StartOutcome.NotStarted.class);
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    private void takeTheNumberOver() {
        host.kernel.processes().end(77);
        host.kernel.processes().start(77);
    }

    @Test
    void a_vm_whose_process_is_not_there_does_not_start() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(78).isRefused(Problem.Kind.PROCESS_ENDED);
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void a_stop_of_a_vm_whose_process_runs_gives_labels_back_and_keeps_its_files_from_others() {
        host.kernel.processes().start(77);
        VmView vm = host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).start();

        VmReport report = host.stop("one");

        assertThat(report.count(FileReport.Outcome.REVERTED)).isEqualTo(2);
        assertThat(report.problems()).isEmpty();
        assertThat(report.stillRunning()).contains(new Pid(77));
        assertThat(host.label("/vm/a")).isEqualTo("none");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        assertThat(host.lifecycle().status(ONE).orElseThrow().state()).isEqualTo(VmState.STOPPING);
        host.vm("two").disk("/vm/a", ImageFormat.QCOW2).isRefused(Problem.Kind.IN_USE);
        host.vm("two")
                .disk("/vm/b", ImageFormat.QCOW2)
                .level(vm.level().toString())
                .isRefused(Problem.Kind.LEVEL_IN_USE);
        host.vm("one").disk("/vm/b", ImageFormat.QCOW2).isRefusedWith("process 77 still runs");
    }

    @Test
    void what_a_stopped_vm_kept_is_free_when_its_process_ends() {
        host.kernel.processes().start(77);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).start();
        host.stop("one");

        host.kernel.processes().end(77);

        eventually(() -> host.lifecycle().status().isEmpty());
        host.vm("two").disk("/vm/a", ImageFormat.QCOW2).start();
    }

    @Test
    void a_base_that_another_vm_joined_meanwhile_keeps_its_label() {
        host.kernel.processes().start(77);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).start();
        host.stop("one");
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);

        host.kernel.processes().end(77);

        eventually(() -> host.lifecycle().status(ONE).isEmpty());
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
        host.stop("two");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_stopped_vm_is_neither_relabelled_nor_found_right() {
        host.kernel.processes().start(77);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).start();
        host.stop("one");

        assertThat(host.lifecycle().relabel(ONE, false).orElseThrow().problems())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.STILL_RUNNING);
        assertThat(host.lifecycle().verify(ONE).orElseThrow().problems()).hasSize(1);
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void a_stopped_vm_whose_process_runs_outlives_the_service() throws IOException {
        host.kernel.processes().start(77);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).start();
        host.stop("one");

        host.restart();

        assertThat(host.lifecycle().status(ONE).orElseThrow().state()).isEqualTo(VmState.STOPPING);
        assertThat(host.lifecycle().recover(false, false).ended()).isEmpty();
        host.kernel.processes().end(77);
        eventually(() -> host.lifecycle().status().isEmpty());
    }

    @Test
    void a_vm_whose_process_could_not_be_watched_again_ends_with_the_next_recovery() throws IOException {
        host.kernel.processes().start(77);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).start();
        host.restart(faults -> faults.failOn("pidfd_open", 1, Errno.EMFILE));
        assertThat(host.lifecycle().status(ONE)).isPresent();

        host.kernel.processes().end(77);
        host.lifecycle().recover(false, false);

        assertThat(host.lifecycle().status()).isEmpty();
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void a_process_that_cannot_be_looked_at_is_taken_to_live() throws IOException {
        host.kernel.processes().start(77);
        VmView vm = host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).start();

        host.restart(faults -> faults.failAlways("stat", "77", Errno.EMFILE));

        assertThat(host.lifecycle().status(ONE)).isPresent();
        assertThat(host.label("/vm/a")).isEqualTo(TestHost.IMAGE_TYPE + vm.level());
        host.kernel.faults().clear();
    }

    @Test
    void a_vm_stopped_while_its_files_are_being_opened_is_handed_nothing() {
        host.kernel.mount("/nfs").withoutAttributes();
        host.raw("/nfs/disk");
        host.kernel.processes().start(77);
        host.kernel.faults().beforeNext("open", () -> host.stop("one"));

        host.vm("one").handedOver("/nfs/disk").pid(77).run().isRefusedWith("was stopped");
        host.kernel.processes().end(77);
        eventually(() -> host.lifecycle().status().isEmpty());
    }

    @Test
    void files_of_an_export_that_squashes_root_are_opened_as_their_user() throws IOException {
        host.kernel.mount("/nfs").withoutAttributes().squashingRoot();
        host.raw("/nfs/disk");
        host.kernel.owner("/nfs/disk", 64055, 64055, 0600);
        host.kernel.processes().start(77);
        host.vm("one").handedOver("/nfs/disk").pid(77).run().isRefused(Problem.Kind.UNREADABLE);

        host.openSquashedAs(new FileUser(64055, 64055));

        VmView vm = host.vm("one").handedOver("/nfs/disk").pid(77).run().start();
        assertThat(vm.files())
                .singleElement()
                .satisfies(file -> assertThat(file.treatment()).isEqualTo(Treatment.PASS));
        assertThat(host.handovers.take(new ProcessIdentity(new Pid(77), 100)).orElseThrow())
                .hasSize(2)
                .allSatisfy(HandedDescriptor::close);
        host.kernel.processes().end(77);
        eventually(() -> host.lifecycle().status().isEmpty());
    }

    @Test
    void files_are_handed_over_for_root_alone() {
        host.kernel.mount("/nfs").withoutAttributes();
        host.raw("/nfs/disk");
        host.kernel.processes().start(77);

        host.vm("one").handedOver("/nfs/disk").pid(77).run().by(1000).isRefusedWith("start it as root");
    }
}
