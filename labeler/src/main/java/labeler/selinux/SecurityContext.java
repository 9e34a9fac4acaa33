package labeler.selinux;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A security context, {@code user:role:type:level}.
 *
 * @param level as the policy writes it: {@code s0}, {@code s0:c1,c2}, {@code s0-s0:c0.c1023}
 */
public record SecurityContext(String user, String role, String type, String level) {
    /**
     * What policy languages allow in identifiers; nothing that a terminal or a file format could trip over. Longer parts
     * are in no policy; all 1024 categories by name would need a longer level, but policies write ranges.
     */
    private static final Pattern TEXT = Pattern.compile("(?:[A-Za-z0-9_.-]{1,128}:){3}[a-z0-9.,:-]{1,1024}");

    public SecurityContext {
        String text = user + ":" + role + ":" + type + ":" + level;
        if (!TEXT.matcher(text).matches() || user.contains(":") || role.contains(":") || type.contains(":")) {
            throw new IllegalArgumentException("not a security context: " + text);
        }
    }

    /** Reads one; empty if it is not four parts of the right shape. */
    public static Optional<SecurityContext> parse(String text) {
        String[] parts = text.split(":", 4);
        return TEXT.matcher(text).matches()
                ? Optional.of(new SecurityContext(parts[0], parts[1], parts[2], parts[3]))
                : Optional.empty();
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
