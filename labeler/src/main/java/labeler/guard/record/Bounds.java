package labeler.guard.record;

import java.util.List;
import labeler.linux.Printable;

/** Limits of an entry, so that the memory of the queue has a bound. Texts of a client have none. */
final class Bounds {
    /** Characters of a purpose, a reason, a rule. */
    static final int SHORT_TEXT = 200;

    /** Files of one entry. No command names more; a VM's start may, and {@code labeler status} lists them. */
    static final int MOST_FILES = 100;

    private static final String CUT = "…";

    private Bounds() {}

    /** The text on one line, and not longer. */
    static String text(String text, int most) {
        String begin = text.length() <= most ? text : text.substring(0, most) + CUT;
        return Printable.text(begin);
    }

    /** The first of them. */
    static <T> List<T> files(List<T> all) {
        return List.copyOf(all.subList(0, Math.min(all.size(), MOST_FILES)));
    }
}
