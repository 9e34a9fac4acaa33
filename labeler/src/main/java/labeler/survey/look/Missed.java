package labeler.survey.look;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.survey.Unseen;

/**
 * Files of which one thing could not be looked at, told in one line: how many they are, and the first of them with its
 * reason. A file counts once, however often it is met. Safe for use by many threads.
 *
 * @see Unseen
 */
final class Missed {
    private final String thing;
    private final Set<HostPath> files = new HashSet<>();
    private Optional<HostPath> first = Optional.empty();
    private String why = "";

    /** @param thing in words, for the middle of a sentence, before "of": {@code the label} */
    Missed(String thing) {
        this.thing = thing;
    }

    synchronized void add(HostPath file, String reason) {
        files.add(file);
        if (first.isEmpty()) {
            first = Optional.of(file);
            why = reason;
        }
    }

    /** Nothing if all could be looked at. */
    synchronized Optional<Unseen> line() {
        return first.map(file -> new Unseen(
                thing + " of " + file.printable() + (files.size() > 1 ? " and " + (files.size() - 1) + " more" : ""),
                why));
    }
}
