package labeler.registry;

import java.util.Optional;
import java.util.regex.Pattern;

/** A host of the cluster, by the name that its settings give it, or by its machine id. */
public record HostName(String value) implements Comparable<HostName> {
    private static final Pattern TEXT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,252}");

    public HostName {
        if (!TEXT.matcher(value).matches()) {
            throw new IllegalArgumentException("not a name of a host");
        }
    }

    /** Empty if it is no name: up to 253 letters, digits, points, hyphens and underscores. */
    public static Optional<HostName> parse(String text) {
        return TEXT.matcher(text).matches() ? Optional.of(new HostName(text)) : Optional.empty();
    }

    @Override
    public int compareTo(HostName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
