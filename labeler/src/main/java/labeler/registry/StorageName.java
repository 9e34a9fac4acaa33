package labeler.registry;

import java.util.Optional;
import java.util.regex.Pattern;

/** The name that an administrator gave a storage which several hosts mount. */
public record StorageName(String value) implements Comparable<StorageName> {
    private static final Pattern TEXT = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

    public StorageName {
        if (!TEXT.matcher(value).matches()) {
            throw new IllegalArgumentException("not a name of a storage");
        }
    }

    /** Empty if it is no name: up to 63 lower-case letters, digits, points, hyphens and underscores. */
    public static Optional<StorageName> parse(String text) {
        return TEXT.matcher(text).matches() ? Optional.of(new StorageName(text)) : Optional.empty();
    }

    @Override
    public int compareTo(StorageName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
