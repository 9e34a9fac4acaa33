package labeler.explain;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import labeler.json.LeftOut;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import labeler.work.WorkFileSystem;

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
 * @param notAnswering the file system, in words, that did not answer when somebody looked at the file; empty if it did
 */
public record Explanation(
        Optional<Reading> reading,
        Optional<VmName> vm,
        Optional<HostPath> file,
        List<String> sentences,
        List<String> advice,
        long count,
        @LeftOut Optional<Instant> last,
        @LeftOut Optional<String> notAnswering) {
    /** An explanation of what has no time, of a file whose file system answers. */
    public Explanation(
            Optional<Reading> reading,
            Optional<VmName> vm,
            Optional<HostPath> file,
            List<String> sentences,
            List<String> advice,
            long count) {
        this(reading, vm, file, sentences, advice, count, Optional.empty(), Optional.empty());
    }

    public Explanation {
        sentences = List.copyOf(sentences);
        advice = List.copyOf(advice);
    }

    /** The same for so many denials, the last of which was then. */
    public Explanation times(long number, Optional<Instant> when) {
        return new Explanation(reading, vm, file, sentences, advice, number, when, notAnswering);
    }

    /** The same, with the file system that did not answer. */
    public Explanation unanswered(Optional<WorkFileSystem> silent) {
        return new Explanation(reading, vm, file, sentences, advice, count, last, silent.map(WorkFileSystem::words));
    }
}
