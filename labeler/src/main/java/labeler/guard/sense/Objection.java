package labeler.guard.sense;

import labeler.guard.relay.Refusal;
import labeler.problem.Problem;

/**
 * The reason why a command is refused.
 *
 * @param message one line: the fact, and the way out
 */
public record Objection(Rule rule, String message) {
    /** Behind the rule. labeler disk knows by it that this S1 is no other VM's, which one could wait for. */
    private static final String LEFT_LABEL = "a left label: ";

    /** Between the fact and the way out. */
    private static final String WAY_OUT = "; ";

    /** A client can have any name repeated. */
    private static final int MOST_CHARACTERS = 2_000;

    /** A message that has no way out of its own, as that of a file that cannot be opened, gets the rule's. */
    public Objection {
        String line = oneLine(message);
        message = line.contains(WAY_OUT) ? line : line + WAY_OUT + rule.wayOut();
    }

    /** The one to a file that cannot be taken. */
    public static Objection of(Rule rule, Problem problem) {
        return new Objection(
                rule,
                (problem.kind() == Problem.Kind.LEFTOVER_LABEL ? LEFT_LABEL : "")
                        + problem.file().map(file -> file + ": ").orElse("")
                        + problem.message());
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
