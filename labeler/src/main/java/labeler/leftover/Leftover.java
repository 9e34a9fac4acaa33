package labeler.leftover;

import java.util.Optional;
import labeler.linux.HostPath;
import labeler.problem.Worded;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/**
 * A file whose label has a pair that nobody holds.
 *
 * @param policyContext what its directory's policy gives it; empty where it says nothing
 * @param message one line, for people
 */
public record Leftover(
        HostPath path, StoredLabel context, Optional<SecurityContext> policyContext, Fate outcome, String message) {
    /** What became of it, in the words of the JSON interface. */
    public enum Fate implements Worded {
        /** It was only looked at. */
        FOUND,
        /** It has what the policy says. */
        MENDED,
        /** Not for a scan to change. */
        LEFT,
        FAILED
    }
}
