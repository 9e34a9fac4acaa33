package labeler.work;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class DeviceThreadsTest {
    private final AtomicBoolean isPoor = new AtomicBoolean();
    private final DeviceThreads threads = new DeviceThreads(work -> {
        if (isPoor.getAndSet(false)) {
            throw new OutOfMemoryError("unable to create native thread, as a test wants it");
        }
        return new Thread(work);
    });

    @Test
    void one_piece_of_work_for_a_device_goes_on_at_a_time() throws Exception {
        CountDownLatch written = new CountDownLatch(1);
        Future<Boolean> first = threads.begin(1, () -> {
                    written.await();
                    return true;
                })
                .orElseThrow();

        assertThat(threads.begin(1, () -> true)).isEmpty();
        assertThat(threads.begin(2, () -> true).orElseThrow().get()).isTrue();
        written.countDown();
        assertThat(first.get()).isTrue();
        eventually(() -> threads.begin(1, () -> true).isPresent());
    }

    @Test
    void a_device_for_which_there_was_no_thread_is_free_for_the_next_work() throws Exception {
        isPoor.set(true);

        assertThatThrownBy(() -> threads.begin(1, () -> true)).isInstanceOf(OutOfMemoryError.class);

        assertThat(threads.begin(1, () -> true).orElseThrow().get()).isTrue();
    }

    @Test
    void work_that_fails_leaves_its_device_free() {
        Future<Boolean> failing = threads.<Boolean>begin(1, () -> {
                    throw new IllegalStateException("as a test wants it");
                })
                .orElseThrow();

        assertThatThrownBy(failing::get).hasCauseInstanceOf(IllegalStateException.class);
        assertThat(threads.begin(1, () -> true)).isPresent();
    }
}
