package labeler.guard.judge;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * One command of a sequence.
 *
 * @param isSenseless whether the guard has to refuse it, whatever the state
 * @param done what it leaves, once qemu has done it
 * @param job that has to be concluded before; {@code migration} for that
 */
record Step(String command, boolean isSenseless, Consumer<VmBook> done, Optional<String> job) {
    static final String MIGRATION = "migration";

    static Step of(String name, String arguments) {
        return new Step(RuleCase.command(name, arguments), false, _ -> {}, Optional.empty());
    }

    static Step senseless(String name, String arguments) {
        return new Step(RuleCase.command(name, arguments), true, _ -> {}, Optional.empty());
    }

    Step leaving(Consumer<VmBook> effect) {
        return new Step(command, isSenseless, effect, job);
    }

    /** The same, once this job is concluded or gone. */
    Step after(String other) {
        return new Step(command, isSenseless, done, Optional.of(other));
    }
}
