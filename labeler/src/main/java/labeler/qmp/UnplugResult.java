package labeler.qmp;

/** The result of unplugging a device. */
public sealed interface UnplugResult {
    record Gone() implements UnplugResult {}

    /** The guest refused. */
    record GuestRefused() implements UnplugResult {}

    /** It may still leave, later. */
    record NotInTime() implements UnplugResult {}

    /**
     * Nobody knows whether it has left.
     *
     * @param message one line
     */
    record Broken(String message) implements UnplugResult {}
}
