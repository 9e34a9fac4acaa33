package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import labeler.lifecycle.StopRequest.WhileRunning;
import labeler.work.Turn;
import org.junit.jupiter.api.Test;

/** A request that waits for a guest or a process takes no turn from those that work. */
class WaitsOfRequestsTest extends DiskHostTest {
    private final Semaphore turns = new Semaphore(1);
    private final Turn turn = Turn.take(turns, new Semaphore(1));

    /** How many could have worked while it waited. */
    private final AtomicInteger free = new AtomicInteger(-1);

    private void look() {
        free.set(turns.availablePermits());
    }

    @Test
    void while_a_guest_lets_go_of_a_disk_others_work() {
        attach("/vm/b");
        host.qemu.before(this::look);

        DetachOutcome outcome = host.work().with(turn, this::tryDetach);

        assertThat(outcome).isInstanceOf(DetachOutcome.Detached.class);
        assertThat(free).hasValue(1);
        assertThat(turns.availablePermits()).isZero();
    }

    @Test
    void while_a_process_ends_others_work() {
        host.kernel.faults().beforeNext("pidfd_send_signal", this::look);

        Optional<StopOutcome> outcome =
                host.work().with(turn, () -> host.lifecycle().stop(new StopRequest(ONE, WhileRunning.END_IT, 0)));

        assertThat(outcome).containsInstanceOf(StopOutcome.Stopped.class);
        assertThat(free).hasValue(1);
        assertThat(turns.availablePermits()).isZero();
    }
}
