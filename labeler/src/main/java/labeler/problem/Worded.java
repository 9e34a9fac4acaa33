package labeler.problem;

import java.util.Locale;

/** An enum whose constants are words of the JSON interface and of messages: {@code STILL_HELD} is {@code still-held}. */
public interface Worded {
    String name();

    default String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
