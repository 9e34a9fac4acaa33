package labeler.linux.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.Processes;
import labeler.linux.Processes.Waker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Other processes, on any kernel. */
@Timeout(120)
public abstract class ProcessesContractTest {
    private static final int FOREVER = -1;

    protected abstract Processes processes();

    /** Starts a process that stays until it is ended. */
    protected abstract Pid start() throws Exception;

    /** Ends it, and returns when nothing is left of it. */
    protected abstract void end(Pid pid) throws Exception;

    @Test
    void a_running_process_is_identified_and_listed() throws Exception {
        Pid pid = start();
        ProcessIdentity identity = processes().identify(pid).orElseThrow();
        assertThat(identity.pid()).isEqualTo(pid);
        assertThat(identity.startTime()).isPositive();
        assertThat(processes().identify(pid)).contains(identity);
        assertThat(processes().list()).contains(pid);
        end(pid);
        assertThat(processes().identify(pid)).isEmpty();
        assertThat(processes().context(pid)).isEmpty();
        assertThat(processes().list()).doesNotContain(pid);
    }

    @Test
    void two_children_of_one_process_are_in_one_control_group() throws Exception {
        Pid one = start();
        Pid other = start();
        assertThat(processes().controlGroups(one).orElseThrow())
                .asString()
                .contains(":/")
                .isEqualTo(new String(processes().controlGroups(other).orElseThrow(), StandardCharsets.UTF_8));
        end(one);
        assertThat(processes().controlGroups(one)).isEmpty();
        end(other);
    }

    @Test
    void no_process_cannot_be_watched() {
        assertThatThrownBy(() -> processes().open(new Pid(Pid.MAXIMUM)))
                .isInstanceOf(LinuxException.class)
                .extracting(e -> ((LinuxException) e).errno())
                .isIn(Errno.ESRCH, Errno.EINVAL);
    }

    @Test
    void whoever_waits_learns_which_process_ended() throws Exception {
        Pid first = start();
        Pid second = start();
        try (Waker waker = processes().waker();
                Descriptor one = processes().open(first);
                Descriptor two = processes().open(second)) {
            List<Descriptor> both = List.of(one, two);
            assertThat(processes().awaitExit(both, waker, 0)).isEmpty();
            assertThat(processes().awaitExit(both, waker, 20)).isEmpty();
            CompletableFuture<List<Integer>> waiting = wait(both, waker);
            end(second);
            assertThat(waiting.get(60, TimeUnit.SECONDS)).containsExactly(1);
            end(first);
            assertThat(processes().awaitExit(both, waker, FOREVER)).containsExactly(0, 1);
        }
    }

    @Test
    void a_waiter_can_be_woken_before_and_while_it_waits() throws Exception {
        Pid pid = start();
        try (Waker waker = processes().waker();
                Descriptor process = processes().open(pid)) {
            waker.wake();
            waker.wake();
            assertThat(processes().awaitExit(List.of(process), waker, FOREVER)).isEmpty();
            CompletableFuture<List<Integer>> waiting = wait(List.of(process), waker);
            Thread.sleep(50);
            assertThat(waiting).isNotDone();
            waker.wake();
            assertThat(waiting.get(60, TimeUnit.SECONDS)).isEmpty();
            CompletableFuture<List<Integer>> nothing = wait(List.of(), waker);
            waker.wake();
            assertThat(nothing.get(60, TimeUnit.SECONDS)).isEmpty();
        }
        end(pid);
    }

    @Test
    void a_waker_may_be_closed_twice_and_then_wakes_nobody() throws Exception {
        Waker waker = processes().waker();
        waker.close();
        waker.close();
        waker.wake();
    }

    @Test
    void a_closed_descriptor_cannot_be_waited_for() throws Exception {
        Pid pid = start();
        Descriptor process = processes().open(pid);
        process.close();
        try (Waker waker = processes().waker()) {
            assertThatThrownBy(() -> processes().awaitExit(List.of(process), waker, 0))
                    .isInstanceOf(IllegalStateException.class);
        }
        end(pid);
    }

    @Test
    void a_process_is_killed_through_its_descriptor_and_once_ended_that_does_nothing() throws Exception {
        Pid pid = start();
        try (Waker waker = processes().waker();
                Descriptor process = processes().open(pid)) {
            processes().kill(process);
            assertThat(processes().awaitExit(List.of(process), waker, FOREVER)).containsExactly(0);
            end(pid);
            processes().kill(process);
        }
    }

    @Test
    void a_process_is_asked_to_end_through_its_descriptor_and_once_ended_that_does_nothing() throws Exception {
        Pid pid = start();
        try (Waker waker = processes().waker();
                Descriptor process = processes().open(pid)) {
            processes().terminate(process);
            assertThat(processes().awaitExit(List.of(process), waker, FOREVER)).containsExactly(0);
            end(pid);
            processes().terminate(process);
        }
    }

    @Test
    void the_boot_has_an_id() throws Exception {
        assertThat(processes().bootId()).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    }

    private CompletableFuture<List<Integer>> wait(List<Descriptor> pidfds, Waker waker) {
        CompletableFuture<List<Integer>> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                result.complete(processes().awaitExit(pidfds, waker, FOREVER));
            } catch (LinuxException | RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }
}
