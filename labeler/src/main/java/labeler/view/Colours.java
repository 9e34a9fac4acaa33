package labeler.view;

import java.util.Optional;
import java.util.stream.Stream;

/** Which of the two outputs of a command are terminals that show colours. */
public enum Colours {
    NONE("plain"),
    RESULTS("coloured-results"),
    MESSAGES("coloured-messages"),
    BOTH("coloured");

    private final String word;

    Colours(String word) {
        this.word = word;
    }

    /** The one of this word in a request. */
    public static Optional<Colours> of(String word) {
        return Stream.of(values()).filter(one -> one.word.equals(word)).findFirst();
    }

    static Colours of(boolean results, boolean messages) {
        if (results) {
            return messages ? BOTH : RESULTS;
        }
        return messages ? MESSAGES : NONE;
    }

    boolean areResults() {
        return this == RESULTS || this == BOTH;
    }

    boolean areMessages() {
        return this == MESSAGES || this == BOTH;
    }
}
