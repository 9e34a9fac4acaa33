package labeler.explain;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import labeler.json.LeftOut;
import labeler.linux.HostPath;
import labeler.vm.VmName;

/**
 * An explanation in plain words.
 *
 * @param reading empty for an explanation of a file
 * @param vm whose process reached for it
 * @param file that it reached for
 * @param sentences what is known, one sentence each
 * @param advice what to do, one step each
 * @param count of denials like this one
 * @param last the time of the last of them; empty for a file, and if the record does not tell
 */
public record Explanation(
        Optional<Reading> reading,
        Optional<VmName> vm,
        Optional<HostPath> file,
        List<String> sentences,
        List<String> advice,
        long count,
        @LeftOut Optional<Instant> last) {
    /** An explanation of what has no time. */
    public Explanation(
            Optional<Reading> reading,
            Optional<VmName> vm,
            Optional<HostPath> file,
            List<String> sentences,
            List<String> advice,
            long count) {
        this(reading, vm, file, sentences, advice, count, Optional.empty());
    }

    public Explanation {
        sentences = List.copyOf(sentences);
        advice = List.copyOf(advice);
    }

    /** The same for so many denials, the last of which was then. */
    public Explanation times(long number, Optional<Instant> when) {
        return new Explanation(reading, vm, file, sentences, advice, number, when);
    }
}
