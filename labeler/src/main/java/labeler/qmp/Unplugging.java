package labeler.qmp;

/** How a device leaves, or not. */
public sealed interface Unplugging {
    record Gone() implements Unplugging {}

    /** The guest said no. */
    record GuestRefused() implements Unplugging {}

    /** It may still leave, later. */
    record NotInTime() implements Unplugging {}

    /**
     * Whether it has left is not known.
     *
     * @param message one line
     */
    record Broken(String message) implements Unplugging {}
}
