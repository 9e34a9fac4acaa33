package labeler.guard.relay;

/**
 * The ids under which a qemu gets commands, none twice. They are short: qemu reads its monitor byte by byte, one turn of
 * its loop each (5 µs), so that a command under a long id takes it longer.
 */
final class CommandIds {
    private long given;

    /** @param given how many ids this qemu has got already */
    CommandIds(long given) {
        this.given = given;
    }

    String next() {
        return Long.toString(given++, Character.MAX_RADIX);
    }

    /** How many ids there have been. */
    long given() {
        return given;
    }
}
