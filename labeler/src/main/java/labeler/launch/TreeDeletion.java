package labeler.launch;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.function.Supplier;
import labeler.linux.HostPath;

/**
 * Deletes directories that a hostile process may be changing at the same time, up to a number of entries. Each step is
 * relative to an open directory, as with {@code openat} and {@code unlinkat}. So a directory that is swapped for a link
 * leads nowhere.
 */
final class TreeDeletion {
    /** Each level holds a descriptor and a piece of the stack. qemu makes no directories there at all. */
    static final int DEEPEST = 32;

    private final Supplier<Path> names;
    private int left;
    private boolean hasMoved;

    /**
     * A deletion of at most this number of entries.
     *
     * @param names for directories that are too deep: they are moved up under such a name and deleted in their turn
     */
    TreeDeletion(int most, Supplier<Path> names) {
        this.left = most;
        this.names = names;
    }

    /** Whether the limit of entries is reached; there may be more. */
    private boolean isExhausted() {
        return left <= 0;
    }

    /** Whether there may be more to delete: the limit was reached, or something was moved up. */
    boolean isUnfinished() {
        return isExhausted() || hasMoved;
    }

    /**
     * Deletes the directory; does nothing if there is none. Links are removed, never followed.
     *
     * @throws IOException if something cannot be deleted, with a message for people
     */
    void delete(Path directory) throws IOException {
        Path parent = directory.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException("the root directory is not deleted");
        }
        try (DirectoryStream<Path> opened = Files.newDirectoryStream(parent)) {
            if (!(opened instanceof SecureDirectoryStream<Path> secure)) {
                throw new IOException(HostPath.of(parent) + ": the JDK has no openat here");
            }
            entry(secure, secure, directory.getFileName(), DEEPEST);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /** @param top the directory to which too deep directories are moved */
    private void entry(SecureDirectoryStream<Path> top, SecureDirectoryStream<Path> directory, Path name, int levels)
            throws IOException {
        try {
            boolean isDirectory = directory
                    .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes()
                    .isDirectory();
            if (!isDirectory) {
                directory.deleteFile(name);
            } else if (levels == 0) {
                directory.move(name, top, names.get());
                hasMoved = true;
            } else {
                tree(top, directory, name, levels);
            }
            left--;
        } catch (NoSuchFileException e) {
            // Its owner was faster.
            return;
        }
    }

    private void tree(SecureDirectoryStream<Path> top, SecureDirectoryStream<Path> parent, Path name, int levels)
            throws IOException {
        try (SecureDirectoryStream<Path> directory = parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : directory) {
                if (isExhausted()) {
                    return;
                }
                entry(top, directory, entry.getFileName(), levels - 1);
            }
        }
        if (!isExhausted()) {
            parent.deleteDirectory(name);
        }
    }
}
