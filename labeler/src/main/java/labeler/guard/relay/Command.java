package labeler.guard.relay;

import java.util.List;
import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;

/**
 * A command of QMP.
 *
 * @param isOutOfBand whether it overtakes others
 * @param id that its answer has as well; empty where the client gave none
 */
public record Command(String name, JsonObject arguments, boolean isOutOfBand, Optional<Json> id) {
    private static final String EXECUTE = "execute";
    private static final String EXECUTE_OUT_OF_BAND = "exec-oob";
    private static final String ARGUMENTS = "arguments";
    private static final String ID = "id";
    private static final List<String> MEMBERS = List.of(EXECUTE, EXECUTE_OUT_OF_BAND, ARGUMENTS, ID);

    /** A value as a command, or the reason why it is none. */
    sealed interface Result {}

    record Valid(Command command) implements Result {}

    /** None; {@code error} is what qemu answers. */
    record Invalid(Optional<Json> id, Refusal error) implements Result {}

    /** @param takesOutOfBand whether the client has negotiated that */
    static Result of(Json value, boolean takesOutOfBand) {
        if (!(value instanceof JsonObject object)) {
            return new Invalid(Optional.empty(), Refusal.generic("QMP input must be a JSON object"));
        }
        Optional<Json> id = object.get(ID);
        Optional<String> wrong = wrong(object, takesOutOfBand);
        if (wrong.isPresent()) {
            return new Invalid(id, Refusal.generic(wrong.get()));
        }
        boolean isOutOfBand = object.get(EXECUTE_OUT_OF_BAND).isPresent();
        return new Valid(new Command(
                object.text(isOutOfBand ? EXECUTE_OUT_OF_BAND : EXECUTE).orElse(""),
                object.get(ARGUMENTS).orElse(Json.nothing()) instanceof JsonObject arguments
                        ? arguments
                        : Json.object().build(),
                isOutOfBand,
                id));
    }

    private static Optional<String> wrong(JsonObject object, boolean takesOutOfBand) {
        for (String name : object.members().keySet()) {
            if (!MEMBERS.contains(name) || (name.equals(EXECUTE_OUT_OF_BAND) && !takesOutOfBand)) {
                return Optional.of("QMP input member '" + name + "' is unexpected");
            }
        }
        if (object.get(EXECUTE).isPresent() && object.get(EXECUTE_OUT_OF_BAND).isPresent()) {
            return Optional.of("QMP input member 'execute' clashes with 'exec-oob'");
        }
        for (String name : List.of(EXECUTE, EXECUTE_OUT_OF_BAND)) {
            if (object.get(name).filter(value -> !(value instanceof JsonString)).isPresent()) {
                return Optional.of("QMP input member '" + name + "' must be a string");
            }
        }
        if (object.get(ARGUMENTS)
                .filter(value -> !(value instanceof JsonObject))
                .isPresent()) {
            return Optional.of("QMP input member 'arguments' must be an object");
        }
        return object.get(EXECUTE).isEmpty() && object.get(EXECUTE_OUT_OF_BAND).isEmpty()
                ? Optional.of("QMP input lacks member 'execute'")
                : Optional.empty();
    }

    /** The memory that it takes, roughly. */
    long weight() {
        return MemoryBudget.weight(arguments) + id.map(MemoryBudget::weight).orElse(0L) + 2L * name.length();
    }

    /** As it is sent, under another id. */
    JsonObject under(String other) {
        Json.ObjectBuilder object = Json.object().put(isOutOfBand ? EXECUTE_OUT_OF_BAND : EXECUTE, name);
        if (!arguments.members().isEmpty()) {
            object.put(ARGUMENTS, arguments);
        }
        return object.put(ID, other).build();
    }
}
