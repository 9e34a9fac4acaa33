package labeler.openfiles;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A process whose first thread has ended looks empty in procfs, and yet its other threads have all of it. */
public final class LivingThread {
    private LivingThread() {}

    /**
     * The directory of the process or, if its first thread has ended, of a living thread. Empty if no thread has a
     * program: a thread of the kernel's, or a process that has ended.
     *
     * @throws IOException also if this user may not see the program
     */
    public static Optional<Path> of(Path process) throws IOException {
        if (isLiving(process)) {
            return Optional.of(process);
        }
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path thread : threads) {
                if (isLiving(thread)) {
                    return Optional.of(thread);
                }
            }
            return Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (DirectoryIteratorException e) {
            // It ended while it was listed.
            throw e.getCause();
        }
    }

    private static boolean isLiving(Path thread) throws IOException {
        try {
            Files.readSymbolicLink(thread.resolve("exe"));
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
