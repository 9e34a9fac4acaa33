package labeler.lifecycle;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import labeler.chain.ImageFormat;
import labeler.journal.VmRecord;
import labeler.lifecycle.StopRequest.WhileRunning;
import labeler.lifecycle.hold.VmProcesses;
import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.linux.jna.JnaLinux;
import labeler.problem.Problem;
import labeler.vm.StartedBy;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

/** A VM that somebody wants to stop while its process runs. */
class StopOfARunningVmTest extends HostTest {
    private static final VmName ONE = new VmName("one");
    private static final int NOBODY = 65534;

    @Test
    void nothing_changes_without_a_word_about_the_process() {
        start();

        assertThat(stop(WhileRunning.REFUSE)).isInstanceOfSatisfying(StopOutcome.NotStopped.class, refused -> {
            assertThat(refused.problem().kind()).isEqualTo(Problem.Kind.STILL_RUNNING);
            assertThat(refused.problem().message()).contains("process 77", "--kill", "--force");
        });
        assertThat(host.lifecycle().status(ONE).orElseThrow().state()).isEqualTo(VmState.RUNNING);
        assertThat(host.label("/vm/a")).isNotEqualTo("none");
        host.kernel.processes().end(77);
        eventually(() -> host.lifecycle().status().isEmpty());
    }

    @Test
    void a_process_that_is_ended_first_leaves_every_label_given_back() {
        start();

        assertThat(stop(WhileRunning.END_IT)).isInstanceOfSatisfying(StopOutcome.Stopped.class, stopped -> {
            assertThat(stopped.report().count(FileReport.Outcome.REVERTED)).isEqualTo(2);
            assertThat(stopped.report().stillRunning()).isEmpty();
        });
        assertThat(host.lifecycle().status()).isEmpty();
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void a_vm_whose_process_has_ended_or_is_not_known_is_simply_stopped() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();

        assertThat(stop(WhileRunning.REFUSE)).isInstanceOf(StopOutcome.Stopped.class);
        assertThat(host.lifecycle().stop(new StopRequest(ONE, WhileRunning.REFUSE, 0)))
                .isEmpty();
    }

    @Test
    void labels_go_back_by_force_and_the_process_stays() {
        start();

        assertThat(stop(WhileRunning.GIVE_BACK))
                .isInstanceOfSatisfying(
                        StopOutcome.Stopped.class,
                        stopped -> assertThat(stopped.report().stillRunning()).contains(new Pid(77)));
        assertThat(stop(WhileRunning.END_IT)).isInstanceOf(StopOutcome.Stopped.class);
        assertThat(host.lifecycle().status()).isEmpty();
    }

    /** A member of the service's group can name any process as a VM's, so only its owner and root may end it. */
    @Test
    void a_process_of_another_user_is_not_ended_and_ones_own_is() throws Exception {
        Process sleeping = new ProcessBuilder("sleep", "1000").start();
        Processes processes = JnaLinux.create().processes();
        try (VmProcesses vms = new VmProcesses(processes)) {
            VmRecord vm = recordOf(processes, sleeping);

            assertThat(vms.end(vm, NOBODY).orElseThrow().message()).contains("only root may end it");
            assertThat(sleeping.isAlive()).isTrue();
            assertThat(vms.end(vm, 0)).isEmpty();
            assertThat(sleeping.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(vms.end(vm, NOBODY)).isEmpty();
        } finally {
            sleeping.destroyForcibly();
        }
    }

    private VmRecord recordOf(Processes processes, Process process) throws IOException {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        VmRecord held = host.journal().load().vms().getFirst();
        return new VmRecord(
                ONE,
                VmRecord.Phase.RUNNING,
                held.contexts(),
                processes.identify(new Pid(Math.toIntExact(process.pid()))),
                held.confinement(),
                List.of(),
                List.of(),
                List.of(),
                new VmRecord.Start(processes.bootId(), StartedBy.LAUNCHER, Optional.empty()));
    }

    private void start() {
        host.kernel.processes().start(77);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).start();
    }

    private StopOutcome stop(WhileRunning running) {
        Optional<StopOutcome> outcome = host.lifecycle().stop(new StopRequest(ONE, running, 0));
        return outcome.orElseThrow();
    }
}
