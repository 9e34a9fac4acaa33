package labeler.selinux;

import java.util.Optional;

/**
 * A security context, {@code user:role:type:level}.
 *
 * @param level as the policy writes it: {@code s0}, {@code s0:c1,c2}, {@code s0-s0:c0.c1023}
 */
public record SecurityContext(String user, String role, String type, String level) {
    /** Longer ones are in no policy. */
    private static final int MAXIMUM_PART = 128;

    /** All 1024 categories by name would need more; policies write ranges. */
    private static final int MAXIMUM_LEVEL = 1024;

    public SecurityContext {
        if (!isPart(user) || !isPart(role) || !isPart(type) || !isLevel(level)) {
            throw new IllegalArgumentException(
                    "not a security context: " + user + ":" + role + ":" + type + ":" + level);
        }
    }

    /** Reads one; empty if it is not four parts of the right shape. */
    public static Optional<SecurityContext> parse(String text) {
        String[] parts = text.split(":", 4);
        if (parts.length != 4 || !isPart(parts[0]) || !isPart(parts[1]) || !isPart(parts[2]) || !isLevel(parts[3])) {
            return Optional.empty();
        }
        return Optional.of(new SecurityContext(parts[0], parts[1], parts[2], parts[3]));
    }

    /** What policy languages allow in identifiers; nothing that a terminal or a file format could trip over. */
    private static boolean isPart(String text) {
        return !text.isEmpty()
                && text.length() <= MAXIMUM_PART
                && text.chars()
                        .allMatch(c -> isLowerOrDigit(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-');
    }

    private static boolean isLevel(String text) {
        return !text.isEmpty()
                && text.length() <= MAXIMUM_LEVEL
                && text.chars().allMatch(c -> isLowerOrDigit(c) || c == '.' || c == ',' || c == ':' || c == '-');
    }

    private static boolean isLowerOrDigit(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }

    /** The same user, role and type at a VM's level. */
    public SecurityContext at(Level vmLevel) {
        return new SecurityContext(user, role, type, vmLevel.toString());
    }

    @Override
    public String toString() {
        return user + ":" + role + ":" + type + ":" + level;
    }
}
