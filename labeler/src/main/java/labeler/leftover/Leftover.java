package labeler.leftover;

import java.util.Optional;
import labeler.linux.HostPath;
import labeler.problem.Worded;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/**
 * A file whose label has a pair that nobody holds.
 *
 * @param policyContext the context from its directory's policy; empty if there is none
 * @param message one line, for people
 */
public record Leftover(
        HostPath path, StoredLabel context, Optional<SecurityContext> policyContext, Fate outcome, String message) {
    /** The result for the file, in the words of the JSON interface. */
    public enum Fate implements Worded {
        /** Only reported. */
        FOUND,
        /** It has the policy's label. */
        MENDED,
        /** A scan may not change it. */
        LEFT,
        FAILED
    }
}
