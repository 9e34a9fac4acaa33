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
    public OwnQuestion ask(Command command, List<Descriptor> descriptors) {
        CompletableFuture<OwnQuestion> asked = relay.thenApply(made -> made.ask(command, descriptors));
        CompletableFuture<Optional<JsonObject>> answer = asked.thenCompose(OwnQuestion::answer)
                .exceptionally(_ -> {
                    descriptors.forEach(Descriptor::close);
                    return Optional.empty();
                });
        return new OwnQuestion(
                answer, () -> asked.thenCompose(one -> one.withdrawal().get()).exceptionally(_ -> true));
    }
}
