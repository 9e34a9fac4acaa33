package labeler.guard.relay;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;

/** The guard's own questions and commands to a qemu. No client sees them or the answers, and no judge judges them. */
public interface Questions {
    /**
     * Sends a command when it is its turn; for all threads.
     *
     * @param descriptors are closed when they are sent
     * @return qemu's whole answer, done in the loop's thread; empty if the monitor has ended before
     */
    CompletableFuture<Optional<JsonObject>> ask(Command command, List<Descriptor> descriptors);
}
