package labeler.guard.relay;

import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonObject;

/**
 * An answer that is an error.
 *
 * @param errorClass one of QAPI's {@code QapiErrorClass}: managers read CommandNotFound as an older qemu
 */
public record Refusal(String errorClass, String description) {
    /** A fault of the guard's own. */
    static final Refusal FAULT =
            generic("labeler S15: the guard cannot judge now; see the service's log, and try again");

    /** The VM's clients have sent very long commands, and qemu does not answer. */
    static final Refusal TOO_MUCH =
            generic("labeler S15: too much waits for qemu's answers; send this again when it has answered");

    /** The service ended before the command was sent. */
    static final Refusal RESTARTED =
            generic("labeler S15: labelerd was restarted; qemu has not got this command, so send it again");

    /** The connection to qemu did not outlive the service, and no answer comes. */
    static final Refusal LOST =
            generic("labeler S15: labelerd was restarted and qemu's answer is lost; see whether the command was done");

    /** The answer is longer, deeper or of more values than is read. */
    static final Refusal UNREAD = generic(
            "labeler S15: qemu's answer is larger than labeler reads; ask for less, such as with \"flat\" or a size");

    /** The class of nearly all errors. */
    public static Refusal generic(String description) {
        return new Refusal("GenericError", description);
    }

    static Refusal commandNotFound(String description) {
        return new Refusal("CommandNotFound", description);
    }

    /** The whole answer. */
    JsonObject answer(Optional<Json> id) {
        Json.ObjectBuilder object = Json.object();
        id.ifPresent(value -> object.put("id", value));
        return object.put(
                        "error",
                        Json.object()
                                .put("class", errorClass)
                                .put("desc", description)
                                .build())
                .build();
    }
}
