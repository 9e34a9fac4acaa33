package labeler.guard.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One thread serves all VMs: a task of one that has no memory left costs that one alone. */
@Timeout(60)
class EventLoopTest {
    @Test
    void a_task_without_memory_does_not_end_the_loop() throws IOException {
        try (EventLoop loop = new EventLoop()) {
            loop.execute(() -> {
                throw new OutOfMemoryError("as for an answer that is too long");
            });
            CompletableFuture<Boolean> next = new CompletableFuture<>();
            loop.execute(() -> next.complete(true));
            assertThat(next.orTimeout(30, TimeUnit.SECONDS).join()).isTrue();
        }
    }

    @Test
    void a_fault_of_a_task_ends_what_the_task_is_for() throws IOException {
        try (EventLoop loop = new EventLoop()) {
            CompletableFuture<Boolean> ended = new CompletableFuture<>();
            loop.execute(
                    () -> {
                        throw new OutOfMemoryError("as for an answer that is too long");
                    },
                    () -> ended.complete(true));
            assertThat(ended.orTimeout(30, TimeUnit.SECONDS).join()).isTrue();
        }
    }
}
