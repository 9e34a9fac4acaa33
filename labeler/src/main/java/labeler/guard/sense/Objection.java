package labeler.guard.sense;

import labeler.guard.relay.Refusal;

/**
 * The reason why a command is refused.
 *
 * @param message one line: the fact, and the way out
 */
public record Objection(Rule rule, String message) {
    /** The answer for the client. Managers read any class but GenericError as an older qemu. */
    public Refusal refusal() {
        return Refusal.generic("labeler " + rule + ": " + message);
    }
}
