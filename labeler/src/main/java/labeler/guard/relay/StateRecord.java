package labeler.guard.relay;

/** Where the state of a relay is kept beyond the end of the service. Called in the loop's thread: nothing may wait. */
public interface StateRecord {
    /** The last state does not hold from now on: bytes are about to be read or written. */
    void change();

    /** The relay stands so now. */
    void write(RelayState state);
}
