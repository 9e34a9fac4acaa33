package labeler.etcd;

/** Every key from the first up to the second, which is not among them. Directories end with a slash. */
public record KeyRange(String from, String to) {
    /** All keys that begin so. The character after the slash ends them. */
    public static KeyRange below(String directory) {
        return new KeyRange(directory, directory.substring(0, directory.length() - 1) + (char) ('/' + 1));
    }

    /** All keys below a directory that come before this one. */
    public static KeyRange before(String directory, String key) {
        return new KeyRange(directory, key);
    }

    /** All keys below a directory that come after this one. */
    public static KeyRange after(String directory, String key) {
        return new KeyRange(key + "\0", below(directory).to());
    }
}
