package labeler.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/** That one service alone works with a directory. */
public final class DirectoryLock {
    private DirectoryLock() {}

    /**
     * Takes the lock on this file for as long as what is returned stays open; empty if another service has it.
     *
     * @throws IOException if the file can be neither opened nor made
     */
    public static Optional<FileChannel> take(Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        boolean isTaken = false;
        try {
            isTaken = channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Another service in this very process, as in tests.
            isTaken = false;
        } finally {
            if (!isTaken) {
                channel.close();
            }
        }
        return isTaken ? Optional.of(channel) : Optional.empty();
    }
}
