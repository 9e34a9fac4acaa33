package labeler.registry;

import java.util.Comparator;
import java.util.Optional;
import labeler.linux.FileHandle;

/**
 * A file on a shared storage, by the same name on each host. The handle holds the file's generation, so a new file with
 * the number of a deleted one is another file.
 */
public record SharedFile(StorageName storage, FileHandle handle) implements Comparable<SharedFile> {
    private static final Comparator<SharedFile> BY_TEXT = Comparator.comparing(SharedFile::text);

    /** Reads the form that {@link #text} wrote; empty for anything else. */
    public static Optional<SharedFile> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return Optional.empty();
        }
        return StorageName.parse(text.substring(0, slash))
                .flatMap(storage -> FileHandle.ofHexadecimal(text.substring(slash + 1))
                        .map(handle -> new SharedFile(storage, handle)))
                .filter(file -> file.text().equals(text));
    }

    /** The storage, a slash, and the handle in hexadecimal. */
    public String text() {
        return storage + "/" + handle.hexadecimal();
    }

    @Override
    public int compareTo(SharedFile other) {
        return BY_TEXT.compare(this, other);
    }

    @Override
    public String toString() {
        return text();
    }
}
