package labeler.selinux;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A security context, {@code user:role:type:level}.
 *
 * @param level as the policy writes it: {@code s0}, {@code s0:c1,c2}, {@code s0-s0:c0.c1023}
 */
public record SecurityContext(String user, String role, String type, String level) {
    /** What policy languages allow in identifiers and levels; nothing that a terminal or a file format could trip over. */
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9_.-]{1,128}");

    private static final Pattern LEVEL = Pattern.compile("[a-z0-9.,:-]{1,1024}");

    public SecurityContext {
        if (!PART.matcher(user).matches()
                || !PART.matcher(role).matches()
                || !PART.matcher(type).matches()
                || !LEVEL.matcher(level).matches()) {
            throw new IllegalArgumentException(
                    "not a security context: " + user + ":" + role + ":" + type + ":" + level);
        }
    }

    /** Reads one; empty if it is not four parts of the right shape. */
    public static Optional<SecurityContext> parse(String text) {
        String[] parts = text.split(":", 4);
        if (parts.length != 4
                || !PART.matcher(parts[0]).matches()
                || !PART.matcher(parts[1]).matches()
                || !PART.matcher(parts[2]).matches()
                || !LEVEL.matcher(parts[3]).matches()) {
            return Optional.empty();
        }
        return Optional.of(new SecurityContext(parts[0], parts[1], parts[2], parts[3]));
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
