package labeler.problem;

import labeler.linux.Printable;

/** Text from outside, for a message of one line. Nothing in it ends the line, or reverses or hides other text. */
public final class QuotedText {
    /** Longer texts are cut. */
    private static final int MAXIMUM = 200;

    private QuotedText() {}

    public static String of(String text) {
        return of(text, MAXIMUM);
    }

    /**
     * The same, with another limit.
     *
     * @param maximum number of characters, from 1
     */
    public static String of(String text, int maximum) {
        StringBuilder out = new StringBuilder();
        text.codePoints().limit(maximum).forEach(c -> {
            if (Printable.isVisible(c)) {
                out.appendCodePoint(c);
            } else {
                out.append(String.format("\\u%04x", c));
            }
        });
        return text.codePointCount(0, text.length()) > maximum ? out + "…" : out.toString();
    }
}
