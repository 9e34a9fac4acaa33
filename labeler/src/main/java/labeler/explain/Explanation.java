package labeler.explain;

import java.util.List;
import java.util.Optional;
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
 */
public record Explanation(
        Optional<Reading> reading,
        Optional<VmName> vm,
        Optional<HostPath> file,
        List<String> sentences,
        List<String> advice,
        long count) {
    public Explanation {
        sentences = List.copyOf(sentences);
        advice = List.copyOf(advice);
    }

    /** The same for so many denials. */
    public Explanation times(long number) {
        return new Explanation(reading, vm, file, sentences, advice, number);
    }
}
