package labeler.vm;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name by which qemu opens a set of descriptors that it was given (since qemu 1.2). Only qemu knows it: the host has no
 * such file.
 *
 * @param number of the set, from 0; below 10<sup>18</sup>
 */
public record SetName(long number) {
    /** Where qemu has its sets; followed by the number of one. */
    public static final String DIRECTORY = "/dev/fdset/";

    /** A number that fits into a {@code long}. */
    public static final String NUMBER = "[0-9]{1,18}";

    /** Numbers from here on are the guard's. */
    private static final long FIRST_OF_THE_GUARD = 1_000_000;

    private static final Pattern WHOLE = Pattern.compile(DIRECTORY + "(" + NUMBER + ")");
    private static final Pattern ANYWHERE = Pattern.compile(DIRECTORY + "(" + NUMBER + ")(?![0-9])");

    /** Empty for another name, and for one of a set that has no number. */
    public static Optional<SetName> of(String name) {
        Matcher whole = WHOLE.matcher(name);
        return whole.matches() ? Optional.of(new SetName(Long.parseLong(whole.group(1)))) : Optional.empty();
    }

    /** Whether qemu would look for a set, which need not exist. */
    public static boolean isMeantBy(String name) {
        return name.startsWith(DIRECTORY);
    }

    /** Whether a client of a guarded monitor may have a set of this number. */
    public boolean isOfClient() {
        return number < FIRST_OF_THE_GUARD;
    }

    /** Whether the set is named in this text, in whatever way its number is written. */
    public boolean isIn(String text) {
        return ANYWHERE.matcher(text).results().anyMatch(found -> Long.parseLong(found.group(1)) == number);
    }

    @Override
    public String toString() {
        return DIRECTORY + number;
    }
}
