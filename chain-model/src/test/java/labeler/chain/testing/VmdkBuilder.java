package labeler.chain.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Text descriptors and sparse files of VMDK, as qemu opens them. */
public final class VmdkBuilder {
    private static final int SECTOR = 512;
    private static final int GRAIN_TABLE_ENTRIES = 512;
    private static final int GRAIN_SECTORS = 128;

    /** A megabyte. */
    public static final long CAPACITY = 2048;

    private final List<String> lines = new ArrayList<>();
    private final String type;

    private VmdkBuilder(String type) {
        this.type = type;
    }

    /** A descriptor of this createType, without extents. */
    public static VmdkBuilder descriptor(String type) {
        return new VmdkBuilder(type);
    }

    public VmdkBuilder line(String line) {
        lines.add(line);
        return this;
    }

    public VmdkBuilder flat(String name) {
        return line("RW " + CAPACITY + " FLAT \"" + name + "\" 0");
    }

    public VmdkBuilder sparse(String name) {
        return line("RW " + CAPACITY + " SPARSE \"" + name + "\"");
    }

    public VmdkBuilder spaceEfficient(String name) {
        return line("RW " + CAPACITY + " SESPARSE \"" + name + "\"");
    }

    public VmdkBuilder parent(String name) {
        return line("parentFileNameHint=\"" + name + "\"");
    }

    public String text() {
        return "# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\ncreateType=\"" + type + "\"\n"
                + String.join("\n", lines) + "\n";
    }

    public byte[] build() {
        return text().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A sparse file with this text as its embedded descriptor, at 512; little-endian, for patches. */
    public static ByteBuffer sparseFile(String descriptor) {
        ByteBuffer image = ByteBuffer.allocate(1 << 17).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0, "KDMV".getBytes(StandardCharsets.US_ASCII)).putInt(4, 1).putInt(8, 3);
        image.putLong(12, CAPACITY).putLong(20, GRAIN_SECTORS).putLong(28, 1).putLong(36, 20);
        image.putInt(44, GRAIN_TABLE_ENTRIES).putLong(48, 21).putLong(56, 26).putLong(64, 128);
        image.putInt(21 * SECTOR, 22).putInt(26 * SECTOR, 27);
        return image.put(SECTOR, descriptor.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A sparse file without a capacity, so that this descriptor in it counts: a part that has parts. */
    public static byte[] nested(String descriptor) {
        byte[] text = descriptor.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer image = ByteBuffer.allocate(SECTOR + text.length).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[SECTOR];
        sparseFile("").putLong(12, 0).get(0, header);
        return image.put(header).put(text).array();
    }

    public static ByteBuffer sparseFile() {
        return sparseFile(descriptor("monolithicSparse").text());
    }

    /** A sparse file of the newer ESX, as an extent's line {@code SESPARSE} has to name it; little-endian, for patches. */
    public static ByteBuffer spaceEfficientFile() {
        ByteBuffer image = ByteBuffer.allocate(2 * SECTOR).order(ByteOrder.LITTLE_ENDIAN);
        image.putLong(0, 0xcafebabeL).putLong(8, 0x2_0000_0001L).putLong(16, CAPACITY);
        image.putLong(24, 8).putLong(32, 64);
        // The places of a volatile header, a journal's header, the journal, directory, tables, two maps and the grains.
        long[] places = {1, 1, 2, 2, 2048, 2048, 4096, 1, 4160, 64, 8000, 1, 8100, 1, 8200, 2048};
        for (int i = 0; i < places.length; i++) {
            image.putLong(80 + i * Long.BYTES, places[i]);
        }
        return image.putLong(SECTOR, 0xcafecafeL);
    }

    /**
     * A sparse file of the older ESX, with a CID where qemu asks for one; little-endian, for patches.
     *
     * @param parent none if empty: then its geometry stands there
     */
    public static ByteBuffer esxFile(String parent) {
        byte[] name = parent.getBytes(StandardCharsets.UTF_8);
        ByteBuffer image = ByteBuffer.allocate(1 << 13).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0, "COWD".getBytes(StandardCharsets.US_ASCII)).putInt(4, 1).putInt(8, name.length == 0 ? 3 : 2);
        image.putInt(12, (int) CAPACITY)
                .putInt(16, 1)
                .putInt(20, 4)
                .putInt(24, 1)
                .putInt(28, 16);
        image.put(SECTOR, "CID=12345678\n".getBytes(StandardCharsets.US_ASCII));
        return name.length == 0 ? image.putInt(32, 0x41414141).putInt(36, 16).putInt(40, 63) : image.put(32, name);
    }
}
