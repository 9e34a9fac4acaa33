package labeler.guard.sense;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The exceptions that the settings name: {@code human-monitor-command info *}, {@code device_add romfile}, {@code N4}. */
public final class Permissions {
    private final List<Pattern> allowed;

    private Permissions(List<Pattern> allowed) {
        this.allowed = allowed;
    }

    /**
     * Reads the setting.
     *
     * @param texts of {@code guard.allow}; {@code *} stands for any text
     */
    public static Permissions of(List<String> texts) {
        return new Permissions(texts.stream()
                .map(text -> Pattern.compile(
                        Stream.of(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"))))
                .toList());
    }

    /** Whether this is allowed by name. */
    public boolean isAllowed(String text) {
        return allowed.stream().anyMatch(pattern -> pattern.matcher(text).matches());
    }

    boolean isAllowed(Rule rule) {
        return isAllowed(rule.name());
    }
}
