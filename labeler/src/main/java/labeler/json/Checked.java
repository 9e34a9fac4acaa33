package labeler.json;

import java.util.Optional;

/** A record with a rule about several of its values together. */
public interface Checked {
    /** The fault in a few words; empty if there is none. Asked after the record was read. */
    Optional<String> fault();
}
