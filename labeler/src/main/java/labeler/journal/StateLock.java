package labeler.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import labeler.problem.IoReason;

/** That one service alone works with a state directory. */
final class StateLock {
    private StateLock() {}

    /**
     * Takes it, for as long as what is returned stays open. Makes the directory if need be.
     *
     * @throws JournalException if another service has it, or the directory cannot be written
     */
    static FileChannel take(Path directory) throws JournalException {
        Path file = directory.resolve("journal.lock");
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    return channel;
                }
            } catch (OverlappingFileLockException e) {
                release(channel, e);
                throw inUse(directory, e);
            }
            channel.close();
        } catch (IOException e) {
            if (e instanceof JournalException journalException) {
                throw journalException;
            }
            throw new JournalException(
                    directory + ": the state directory cannot be written (" + IoReason.of(e)
                            + "); make it writable for the service, or choose another with --state-dir",
                    e);
        }
        throw inUse(directory, new IOException("locked"));
    }

    private static JournalException inUse(Path directory, Exception cause) {
        return new JournalException(
                directory
                        + ": another labelerd works with this state directory; stop it, or choose another with --state-dir",
                cause);
    }

    /** After a failure, which is told with that of the release. */
    static void release(FileChannel channel, Exception reason) {
        try {
            channel.close();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }
}
