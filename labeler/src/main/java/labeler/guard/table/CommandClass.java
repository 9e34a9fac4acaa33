package labeler.guard.table;

import java.util.Arrays;
import java.util.Optional;
import labeler.problem.Worded;

/** The effect of a command on the files of a VM; its word is the one in the table. */
public enum CommandClass implements Worded {
    /** None: the command is passed on. */
    PASS,
    /** It changes which node stands where, or ends uses. All files that it needs are held already. */
    GRAPH,
    /** It names, opens or makes files, or takes descriptors. */
    USE,
    /** It could do anything. */
    DENY;

    static Optional<CommandClass> of(String word) {
        return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
    }
}
