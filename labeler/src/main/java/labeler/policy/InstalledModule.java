package labeler.policy;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Our module in a policy's store.
 *
 * @param priority 1 to 999; the highest one counts
 * @param enabled whether it is part of the policy
 * @param sha256 the SHA-256 of its content, in hexadecimal
 */
public record InstalledModule(int priority, boolean enabled, String sha256) {
    /** A line of {@code semodule --list-modules=full --checksum}: priority, name, language, "disabled", checksum. */
    private static final Pattern LINE =
            Pattern.compile("(\\d{1,3})\\s+(\\S+)\\s+\\S+\\s+(disabled\\s+)?sha256:([0-9a-f]{64})\\s*");

    /** The modules of our name, the one that counts first. Lines that are not understood are not our modules. */
    static List<InstalledModule> list(String listing) {
        return listing.lines()
                .map(InstalledModule::parse)
                .flatMap(Optional::stream)
                .sorted(Comparator.comparingInt(InstalledModule::priority).reversed())
                .toList();
    }

    private static Optional<InstalledModule> parse(String line) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches() || !matcher.group(2).equals(ShippedModule.NAME)) {
            return Optional.empty();
        }
        return Optional.of(new InstalledModule(
                Integer.parseInt(matcher.group(1)),
                Optional.ofNullable(matcher.group(3)).isEmpty(),
                matcher.group(4)));
    }
}
