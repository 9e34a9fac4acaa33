package labeler.guard.table;

import java.util.Optional;

/** What a command does to the files of a VM. */
public enum CommandClass {
    /** Nothing: it is passed on. */
    PASS("pass"),
    /** It changes which node stands where, or ends uses, and needs no file that is not held already. */
    GRAPH("graph"),
    /** It names, opens or makes files, or takes descriptors. */
    USE("use"),
    /** It could do anything. */
    DENY("deny");

    private final String word;

    CommandClass(String word) {
        this.word = word;
    }

    /** As the table writes it. */
    public String word() {
        return word;
    }

    static Optional<CommandClass> of(String word) {
        for (CommandClass one : values()) {
            if (one.word.equals(word)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }
}
