package labeler.view;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import labeler.linux.HostPath;

/**
 * Writes a page to where root has said, which may be a directory of somebody else's. It is made anew beside, and takes the
 * name when it is whole: so no link is followed, nothing else is written to, and no pipe is waited for.
 */
public final class PageFile {
    private PageFile() {}

    /**
     * Writes it, for its owner alone. A regular file of that name is replaced.
     *
     * @throws IOException also if the name is there, and is no regular file's
     */
    public static void write(HostPath name, String page) throws IOException {
        Path file = name.jdkPath();
        Path last = file.getFileName();
        Path parent = file.getParent();
        if (last == null || parent == null) {
            throw new IOException("it is a directory");
        }
        try (DirectoryStream<Path> opened = Files.newDirectoryStream(parent)) {
            if (!(opened instanceof SecureDirectoryStream<Path> directory)) {
                throw new IOException("the JDK does not hold directories here");
            }
            check(directory, last);
            Path fresh = Path.of(".survey-" + UUID.randomUUID());
            try {
                fill(directory, fresh, page);
                directory.move(fresh, directory, last);
            } catch (IOException e) {
                remove(directory, fresh, e);
                throw e;
            }
        }
    }

    /** To replace a device or a pipe would harm others; a link is somebody's wish to write elsewhere. */
    private static void check(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        try {
            boolean isFile = directory
                    .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes()
                    .isRegularFile();
            if (!isFile) {
                throw new IOException("it is there, and no regular file: name another");
            }
        } catch (NoSuchFileException e) {
            // The usual case.
        }
    }

    private static void fill(SecureDirectoryStream<Path> directory, Path fresh, String page) throws IOException {
        try (SeekableByteChannel channel = directory.newByteChannel(
                fresh,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = ByteBuffer.wrap(page.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                int _ = channel.write(bytes);
            }
        }
    }

    private static void remove(SecureDirectoryStream<Path> directory, Path fresh, IOException cause) {
        try {
            directory.deleteFile(fresh);
        } catch (NoSuchFileException e) {
            // It was never made, or has its name already.
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
