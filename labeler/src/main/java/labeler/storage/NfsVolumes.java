package labeler.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The kernel's list of the file systems of NFS servers that it has mounted. */
record NfsVolumes(Path list) {
    static final Path LIST = Path.of("/proc/fs/nfsfs/volumes");

    private static final int SERVER = 1;

    private static final int PORT = 2;

    /** {@code NV SERVER PORT DEV FSID FSC}, after a line of titles. */
    private static final int DEVICE = 3;

    private static final int FSID = 4;

    /** The halves of a device's number, as the C library packs them (makedev(3)). */
    private static final int MAJOR_SHIFT = 8;

    private static final long MAJOR_MASK = 0xfff;

    private static final long MINOR_LOW = 0xff;

    private static final int MINOR_SHIFT = 12;

    private static final long MINOR_HIGH = 0xffffff00L;

    /**
     * The file system on a device.
     *
     * @param server its address and port
     * @param id the server's own id of it
     */
    record Volume(String server, String id) {}

    /** Touches no server. Empty if the kernel has none on the device. */
    Optional<Volume> on(long device) {
        try {
            return Files.exists(list)
                    ? on(Files.readAllLines(list, StandardCharsets.US_ASCII), device)
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static Optional<Volume> on(List<String> lines, long device) {
        long major = (device >> MAJOR_SHIFT) & MAJOR_MASK;
        long minor = (device & MINOR_LOW) | ((device >> MINOR_SHIFT) & MINOR_HIGH);
        String wanted = String.format(Locale.ROOT, "%d:%d", major, minor);
        return lines.stream()
                .map(line -> line.trim().split("\\s+", -1))
                .filter(words -> words.length > FSID && words[DEVICE].equals(wanted))
                .map(words -> new Volume(words[SERVER] + " " + words[PORT], words[FSID]))
                .findFirst();
    }
}
