package labeler.policy;

import java.util.List;

/** What came of looking at the policy, or of changing it. */
public sealed interface PolicyOutcome {
    /**
     * Done.
     *
     * @param changes what was changed, a line each; empty if everything was so already
     */
    record Done(List<String> changes, PolicyStatus status) implements PolicyOutcome {
        public Done {
            changes = List.copyOf(changes);
        }
    }

    /** It did not succeed, or cannot here; the message says why, and what to do. */
    record Failed(String message) implements PolicyOutcome {}

    /** Only root may. */
    record NotPermitted(String message) implements PolicyOutcome {}

    /** The module has no boolean of that name. */
    record UnknownBoolean(String message) implements PolicyOutcome {}

    /** Something still uses what is to be removed. */
    record InUse(String message) implements PolicyOutcome {}
}
