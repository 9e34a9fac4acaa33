package labeler.guard.record;

import java.util.List;
import java.util.Optional;
import labeler.json.LeftOut;
import labeler.linux.HostPath;

/**
 * An access that the kernel denied to a VM's process. The message of its entry says in words what was tried and why it was
 * denied.
 *
 * @param reading how it is to be taken, the word of an explanation: {@code trickery}
 * @param file that the process reached for, where its name is known
 * @param count of denials like this one since the last that was told
 * @param advice what to do, one step each
 */
public record AuditDenial(
        String reading,
        @LeftOut Optional<HostPath> file,
        long count,
        @LeftOut List<String> advice) {
    /** An explanation has one to three. */
    private static final int MOST_STEPS = 8;

    /** A step may name a file. */
    private static final int MOST_CHARACTERS = 1_000;

    public AuditDenial {
        reading = Bounds.text(reading, Bounds.SHORT_TEXT);
        advice = advice.stream()
                .limit(MOST_STEPS)
                .map(step -> Bounds.text(step, MOST_CHARACTERS))
                .toList();
    }

    /** The characters of its texts. */
    int length() {
        return file.map(HostPath::length).orElse(0)
                + advice.stream().mapToInt(String::length).sum();
    }
}
