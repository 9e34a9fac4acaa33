package labeler.qmp;

/** The result of unplugging a device. */
public sealed interface Unplugging {
    record Gone() implements Unplugging {}

    /** The guest refused. */
    record GuestRefused() implements Unplugging {}

    /** It may still leave, later. */
    record NotInTime() implements Unplugging {}

    /**
     * Nobody knows whether it has left.
     *
     * @param message one line
     */
    record Broken(String message) implements Unplugging {}
}
