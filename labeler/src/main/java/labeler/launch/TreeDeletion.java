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
import labeler.linux.HostPath;

/**
 * Deletes a directory that a hostile process may be changing meanwhile: each step is relative to an open directory, as
 * with {@code openat} and {@code unlinkat}, so a directory that is swapped for a link leads nowhere.
 */
final class TreeDeletion {
    /** A level holds a descriptor and a piece of the stack; qemu makes no directories there at all. */
    static final int DEEPEST = 32;

    private TreeDeletion() {}

    /**
     * Nothing is done where no directory is; links in it are removed, never followed.
     *
     * @throws IOException if something is left, with a message for people
     */
    static void delete(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path parent = directory.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException("the root directory is not deleted");
        }
        try (DirectoryStream<Path> opened = Files.newDirectoryStream(parent)) {
            if (!(opened instanceof SecureDirectoryStream<Path> secure)) {
                throw new IOException(HostPath.of(parent) + ": the JDK has no openat here");
            }
            deleteDirectory(secure, directory.getFileName(), DEEPEST);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static void deleteDirectory(SecureDirectoryStream<Path> parent, Path name, int levels) throws IOException {
        if (levels == 0) {
            throw new IOException(HostPath.of(name) + " is more than " + DEEPEST + " directories deep");
        }
        try (SecureDirectoryStream<Path> directory = parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : directory) {
                deleteEntry(directory, entry.getFileName(), levels - 1);
            }
        }
        parent.deleteDirectory(name);
    }

    private static void deleteEntry(SecureDirectoryStream<Path> directory, Path name, int levels) throws IOException {
        try {
            boolean isDirectory = directory
                    .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes()
                    .isDirectory();
            if (isDirectory) {
                deleteDirectory(directory, name, levels);
            } else {
                directory.deleteFile(name);
            }
        } catch (NoSuchFileException e) {
            // Its owner was faster.
            return;
        }
    }
}
