package labeler.guard.relay;

import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The ids under which a qemu gets commands, none twice. They are short: qemu reads its monitor byte by byte, one turn of
 * its loop each (5 µs), so that a command under a long id takes it longer.
 */
final class CommandIds {
    private static final int RADIX = Character.MAX_RADIX;

    /** As many as fit into a long. */
    private static final Pattern SHORT = Pattern.compile("[0-9a-z]{1,12}");

    private long given;

    /** @param given how many ids this qemu has got already */
    CommandIds(long given) {
        this.given = given;
    }

    /**
     * Those that follow what an earlier service has given on the same connection. One that did not count them may have come
     * in between.
     */
    static CommandIds after(RelayState.OfMonitor state) {
        return new CommandIds(state.asked().stream()
                .map(asked -> number(asked.id()))
                .flatMapToLong(OptionalLong::stream)
                .map(number -> number + 1)
                .reduce(Math.max(state.given(), 0), Math::max));
    }

    /**
     * One for the first command of a connection. An answer to a command of the connection before may still come, and is none
     * to this: qemu runs on what it has begun.
     */
    static String ofNegotiation() {
        return UUID.randomUUID().toString();
    }

    String next() {
        return Long.toString(given++, RADIX);
    }

    /** The number of an id; none for ids of another kind. */
    private static OptionalLong number(String id) {
        if (!SHORT.matcher(id).matches()) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(id, RADIX));
    }

    /** How many ids there have been. */
    long given() {
        return given;
    }
}
