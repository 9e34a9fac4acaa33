package labeler.guard.relay;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import labeler.json.Json.JsonObject;

/**
 * A question of the guard's own on its way to qemu.
 *
 * @param answer qemu's whole answer, done in the loop's thread; empty if the monitor has ended before
 * @param withdrawal takes it back, and tells whether qemu has got nothing of it
 */
public record OwnQuestion(
        CompletableFuture<Optional<JsonObject>> answer, Supplier<CompletableFuture<Boolean>> withdrawal) {
    /** The loop never waits; it may have ended. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /**
     * Takes the question back. If qemu has got nothing of it, its descriptors are closed, and it is never done. Otherwise
     * nothing changes, and qemu may still do it. For all threads but the loop's.
     *
     * @return whether qemu has got nothing of it
     */
    public boolean withdraw() {
        return withdrawal
                .get()
                .completeOnTimeout(false, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
}
