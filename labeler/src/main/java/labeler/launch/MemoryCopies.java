package labeler.launch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;

/**
 * Copies in memory of files that a running qemu reads once, by a name: secrets, firmware of devices. Landlock forbids it
 * the file itself, and lets it open a file that no directory has. No disk ever gets the copy, and it goes with the last
 * descriptor.
 */
public final class MemoryCopies {
    /** Firmware of devices has at most some megabytes, and all of it is in memory twice for a moment. */
    static final int MOST_BYTES = 16 << 20;

    private static final int BLOCK = 64 << 10;

    private final SafeOpen open;

    public MemoryCopies(SafeOpen open) {
        this.open = open;
    }

    /**
     * Makes one, which nobody can write any more.
     *
     * @throws LinuxException if it is too large, or cannot be read
     */
    public Descriptor of(OpenedFile source) throws LinuxException {
        Descriptor copy = open.memory("labeler");
        boolean isWhole = false;
        try {
            Path place = Path.of("/proc/self/fd/" + copy.number());
            write(source, place);
            Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("r--r--r--"));
            isWhole = true;
            return copy;
        } catch (LinuxException e) {
            throw e;
        } catch (IOException e) {
            throw new LinuxException("copy", source.path().printable(), Errno.EIO.code());
        } finally {
            if (!isWhole) {
                copy.close();
            }
        }
    }

    private static void write(OpenedFile source, Path place) throws IOException, LinuxException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        try (FileChannel target = FileChannel.open(place, StandardOpenOption.WRITE)) {
            for (long position = 0; source.read(block.clear(), position) > 0; position += block.limit()) {
                block.flip();
                if (position + block.limit() > MOST_BYTES) {
                    throw new LinuxException("copy", source.path().printable(), Errno.EFBIG.code());
                }
                while (block.hasRemaining()) {
                    target.write(block);
                }
            }
        }
    }
}
