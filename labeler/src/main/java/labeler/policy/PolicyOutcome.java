package labeler.policy;

import java.util.List;

/** The result of a look at the policy, or of a change. */
public sealed interface PolicyOutcome {
    /**
     * Done.
     *
     * @param changes the changes, one a line; empty if nothing had to change
     */
    record Done(List<String> changes, PolicyStatus status) implements PolicyOutcome {
        public Done {
            changes = List.copyOf(changes);
        }
    }

    /** It failed, or is impossible here. The message says why, and what to do. */
    record Failed(String message) implements PolicyOutcome {}

    /** Only root may. */
    record NotPermitted(String message) implements PolicyOutcome {}

    /** The module has no boolean of that name. */
    record UnknownBoolean(String message) implements PolicyOutcome {}

    /** A process still uses the module that is to be removed. */
    record InUse(String message) implements PolicyOutcome {}
}
