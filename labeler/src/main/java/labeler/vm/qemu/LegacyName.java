package labeler.vm.qemu;

/** What qemu takes a file name for, where a protocol may stand before it ({@code -drive file=}, {@code -hda}). */
sealed interface LegacyName {
    String FILE_PREFIX = "file:";
    String JSON_PREFIX = "json:";

    /** A path, literally. */
    record LocalFile(String name) implements LegacyName {}

    /** {@code protocol:…}. */
    record Protocol(String protocol) implements LegacyName {}

    /** {@code json:…}. */
    record JsonOptions(String json) implements LegacyName {}

    /** No name: an empty drive. */
    record Empty() implements LegacyName {}

    static LegacyName classify(String name) {
        if (name.isEmpty()) {
            return new Empty();
        }
        if (name.startsWith(JSON_PREFIX)) {
            return new JsonOptions(name.substring(JSON_PREFIX.length()));
        }
        int colon = name.indexOf(':');
        int slash = name.indexOf('/');
        if (colon < 0 || (slash >= 0 && slash < colon)) {
            return new LocalFile(name);
        }
        return name.startsWith(FILE_PREFIX)
                ? new LocalFile(name.substring(FILE_PREFIX.length()))
                : new Protocol(name.substring(0, colon));
    }
}
