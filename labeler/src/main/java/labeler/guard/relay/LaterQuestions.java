package labeler.guard.relay;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;

/**
 * Questions to a monitor whose relay is about to be made.
 *
 * @param relay may fail to come
 */
record LaterQuestions(CompletableFuture<MonitorRelay> relay) implements Questions {
    @Override
    public CompletableFuture<Optional<JsonObject>> ask(Command command, List<Descriptor> descriptors) {
        return relay.thenCompose(made -> made.ask(command, descriptors)).exceptionally(_ -> {
            descriptors.forEach(Descriptor::close);
            return Optional.empty();
        });
    }
}
