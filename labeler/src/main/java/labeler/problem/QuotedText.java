package labeler.problem;

import labeler.linux.Printable;

/** Text that somebody sent, for a message of one line: nothing in it ends the line, turns or hides other text. */
public final class QuotedText {
    /** Longer ones are cut. */
    private static final int MAXIMUM = 200;

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
            if (Printable.isVisible(c)) {
                out.appendCodePoint(c);
            } else {
                out.append(String.format("\\u%04x", c));
            }
        });
        return text.codePointCount(0, text.length()) > maximum ? out + "…" : out.toString();
    }
}
