package labeler.guard.sense;

import labeler.guard.relay.Refusal;

/**
 * The reason why a command is refused.
 *
 * @param message one line: the fact, and the way out
 */
public record Objection(Rule rule, String message) {
    /** A client can have any name repeated. */
    private static final int MOST_CHARACTERS = 2_000;

    public Objection {
        message = oneLine(message);
    }

    /** Parts of it may come from a client, or from a header that a guest wrote. */
    private static String oneLine(String text) {
        StringBuilder line = new StringBuilder();
        text.codePoints()
                .limit(MOST_CHARACTERS)
                .map(character -> Character.isISOControl(character) ? '?' : character)
                .forEach(line::appendCodePoint);
        return line.toString();
    }

    /** The answer for the client. Managers read any class but GenericError as an older qemu. */
    public Refusal refusal() {
        return Refusal.generic("labeler " + rule + ": " + message);
    }
}
