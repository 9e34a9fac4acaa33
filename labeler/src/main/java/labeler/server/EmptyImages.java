package labeler.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Chains of qcow2 images that are headers and nothing else: https://www.qemu.org/docs/master/interop/qcow2.html */
final class EmptyImages {
    private static final int MAGIC = 0x5146_49FB;
    private static final int VERSION = 3;
    private static final int CLUSTER_BITS = 9;
    private static final int CLUSTER = 1 << CLUSTER_BITS;
    private static final int HEADER_LENGTH = 104;
    private static final int REFCOUNT_ORDER = 4;
    private static final int BACKING_FORMAT = 0xE279_2ACA;
    private static final byte[] QCOW2 = "qcow2\0\0\0".getBytes(StandardCharsets.US_ASCII);

    /** After the header, the extension of the format, and the end of all extensions. */
    private static final int BACKING_NAME_OFFSET = HEADER_LENGTH + 8 + QCOW2.length + 8;

    private EmptyImages() {}

    /**
     * Writes a chain: {@code NAME-0} has no backing file, and each other one has that before it.
     *
     * @param layers at least 1
     * @return the uppermost
     */
    static Path chain(Path directory, String name, int layers) throws IOException {
        String below = "";
        for (int layer = 0; layer < layers; layer++) {
            String image = name + "-" + layer;
            Files.write(directory.resolve(image), header(below));
            below = image;
        }
        return directory.resolve(below);
    }

    /** @param backing a file name; empty for none */
    private static byte[] header(String backing) {
        byte[] name = backing.getBytes(StandardCharsets.UTF_8);
        boolean isBacked = name.length > 0;
        // The clusters after that of the header are the table of reference counts, one block of it, and the L1 table.
        ByteBuffer header = ByteBuffer.allocate(4 * CLUSTER);
        header.putInt(MAGIC).putInt(VERSION);
        header.putLong(isBacked ? BACKING_NAME_OFFSET : 0).putInt(name.length);
        header.putInt(CLUSTER_BITS).putLong(CLUSTER).putInt(0);
        header.putInt(1).putLong(3L * CLUSTER);
        header.putLong(CLUSTER).putInt(1);
        header.putInt(0).putLong(0);
        header.putLong(0).putLong(0).putLong(0);
        header.putInt(REFCOUNT_ORDER).putInt(HEADER_LENGTH);
        if (isBacked) {
            header.putInt(BACKING_FORMAT).putInt("qcow2".length()).put(QCOW2);
            header.putLong(0).put(name);
        }
        return header.array();
    }
}
