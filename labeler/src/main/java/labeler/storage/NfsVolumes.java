package labeler.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The kernel's list of the file systems of NFS servers that it has mounted. */
final class NfsVolumes {
    private static final Path LIST = Path.of("/proc/fs/nfsfs/volumes");

    /** {@code NV SERVER PORT DEV FSID FSC}, after a line of titles. */
    private static final int DEVICE = 3;

    private static final int FSID = 4;

    /** The halves of a device's number, as the C library packs them (makedev(3)). */
    private static final int MAJOR_SHIFT = 8;

    private static final long MAJOR_MASK = 0xfff;

    private static final long MINOR_LOW = 0xff;

    private static final int MINOR_SHIFT = 12;

    private static final long MINOR_HIGH = 0xffffff00L;

    private NfsVolumes() {}

    /** The server's own id of the file system on a device. */
    static Optional<String> id(long device) {
        try {
            return Files.exists(LIST)
                    ? id(Files.readAllLines(LIST, StandardCharsets.US_ASCII), device)
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static Optional<String> id(List<String> lines, long device) {
        long major = (device >> MAJOR_SHIFT) & MAJOR_MASK;
        long minor = (device & MINOR_LOW) | ((device >> MINOR_SHIFT) & MINOR_HIGH);
        String wanted = String.format(Locale.ROOT, "%d:%d", major, minor);
        return lines.stream()
                .map(line -> line.trim().split("\\s+", -1))
                .filter(words -> words.length > FSID && words[DEVICE].equals(wanted))
                .map(words -> words[FSID])
                .findFirst();
    }
}
