package labeler.problem;

import java.util.Set;

/** Text that somebody sent, for a message of one line: nothing in it ends the line, turns or hides other text. */
public final class QuotedText {
    /** Longer ones are cut. */
    private static final int MAXIMUM = 200;

    /** What a terminal or a log file could trip over. */
    private static final Set<Integer> NOT_VISIBLE = Set.of(
            (int) Character.CONTROL,
            (int) Character.FORMAT,
            (int) Character.SURROGATE,
            (int) Character.UNASSIGNED,
            (int) Character.LINE_SEPARATOR,
            (int) Character.PARAGRAPH_SEPARATOR);

    private QuotedText() {}

    public static String of(String text) {
        return of(text, MAXIMUM);
    }

    /**
     * The same.
     *
     * @param maximum in characters, from 1
     */
    public static String of(String text, int maximum) {
        StringBuilder out = new StringBuilder();
        text.codePoints().limit(maximum).forEach(c -> {
            if (NOT_VISIBLE.contains(Character.getType(c))) {
                out.append(String.format("\\u%04x", c));
            } else {
                out.appendCodePoint(c);
            }
        });
        return text.codePointCount(0, text.length()) > maximum ? out + "…" : out.toString();
    }
}
