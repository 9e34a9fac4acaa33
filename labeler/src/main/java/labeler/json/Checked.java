package labeler.json;

import java.util.Optional;

/** A record that not every combination of values makes: what its components do not say for themselves. */
public interface Checked {
    /** What is wrong with it, in a few words; empty if nothing is. Asked after it was read. */
    Optional<String> fault();
}
