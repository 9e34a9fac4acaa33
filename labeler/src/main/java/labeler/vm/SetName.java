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

    private static final Pattern WHOLE = Pattern.compile(DIRECTORY + "(" + NUMBER + ")");

    /** Empty for another name, and for one of a set that has no number. */
    public static Optional<SetName> of(String name) {
        Matcher whole = WHOLE.matcher(name);
        return whole.matches() ? Optional.of(new SetName(Long.parseLong(whole.group(1)))) : Optional.empty();
    }

    /** Whether qemu would look for a set, which need not exist. */
    public static boolean isMeantBy(String name) {
        return name.startsWith(DIRECTORY);
    }

    @Override
    public String toString() {
        return DIRECTORY + number;
    }
}
