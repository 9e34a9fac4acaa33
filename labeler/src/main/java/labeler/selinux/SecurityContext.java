package labeler.selinux;

import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * A security context, {@code user:role:type:level}.
 *
 * @param level as the policy writes it: {@code s0}, {@code s0:c1,c2}, {@code s0-s0:c0.c1023}
 */
public record SecurityContext(String user, String role, String type, String level) {
    /** No policy has longer identifiers. */
    private static final int LONGEST_IDENTIFIER = 128;

    /** All 1024 categories by name would be a longer level, but policies write ranges. */
    private static final int LONGEST_LEVEL = 1024;

    public SecurityContext {
        if (!isIdentifier(user) || !isIdentifier(role) || !isIdentifier(type) || !isLevel(level)) {
            throw new IllegalArgumentException(
                    "not a security context: " + user + ":" + role + ":" + type + ":" + level);
        }
    }

    /** Reads a context; empty if it is not four valid parts. */
    public static Optional<SecurityContext> parse(String text) {
        String[] parts = text.split(":", 4);
        return parts.length == 4
                        && isIdentifier(parts[0])
                        && isIdentifier(parts[1])
                        && isIdentifier(parts[2])
                        && isLevel(parts[3])
                ? Optional.of(new SecurityContext(parts[0], parts[1], parts[2], parts[3]))
                : Optional.empty();
    }

    /** The characters that policy languages allow. All are harmless on a terminal and in file formats. */
    private static boolean isIdentifier(String text) {
        return consistsOf(
                text, LONGEST_IDENTIFIER, c -> isLowerCaseOrDigit(c) || (c >= 'A' && c <= 'Z') || isAny(c, "_.-"));
    }

    private static boolean isLevel(String text) {
        return consistsOf(text, LONGEST_LEVEL, c -> isLowerCaseOrDigit(c) || isAny(c, ".,:-"));
    }

    /** Without a regular expression: each file of each VM that is shown needs it. */
    private static boolean consistsOf(String text, int longest, IntPredicate characters) {
        for (int i = 0; i < text.length(); i++) {
            if (!characters.test(text.charAt(i))) {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= longest;
    }

    private static boolean isLowerCaseOrDigit(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }

    private static boolean isAny(int c, String characters) {
        return characters.indexOf(c) >= 0;
    }

    /** The same user, role and type at a VM's level. */
    public SecurityContext at(Level vmLevel) {
        return new SecurityContext(user, role, type, vmLevel.toString());
    }

    /** The same context at the lower end of its range of levels. */
    public SecurityContext low() {
        int range = level.indexOf('-');
        return range < 0 ? this : new SecurityContext(user, role, type, level.substring(0, range));
    }

    /** Whether its level has any, at either end. */
    public boolean hasCategories() {
        return level.indexOf(':') >= 0;
    }

    @Override
    public String toString() {
        return user + ":" + role + ":" + type + ":" + level;
    }
}
