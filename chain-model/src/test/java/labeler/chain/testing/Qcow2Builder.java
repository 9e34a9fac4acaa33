package labeler.chain.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes a qcow2 header as docs/interop/qcow2.rst has it, honest or not. Without further calls it makes an image that
 * qemu opens: an empty disk with its tables in the clusters after the header.
 */
public final class Qcow2Builder {
    public static final int BACKING_FORMAT = 0xe2792aca;
    public static final int DATA_FILE = 0x44415441;
    public static final int FEATURE_NAMES = 0x6803f857;
    public static final int LUKS_POINTER = 0x0537be77;
    public static final int BITMAPS = 0x23852875;

    private static final int V2_HEADER = 72;
    private static final int V3_HEADER = 104;

    private record Extension(int type, int claimedLength, ByteBuffer data) {}

    private final int version;
    private int clusterBits = 16;
    private long size = 1 << 20;
    private byte[] backing = {};
    private long incompatible;
    private long autoclear;
    private int headerLength;
    private boolean endMark = true;
    private final List<Extension> extensions = new ArrayList<>();
    private final List<Consumer<ByteBuffer>> patches = new ArrayList<>();

    private Qcow2Builder(int version) {
        this.version = version;
        this.headerLength = version == 2 ? V2_HEADER : V3_HEADER;
    }

    public static Qcow2Builder v2() {
        return new Qcow2Builder(2);
    }

    public static Qcow2Builder v3() {
        return new Qcow2Builder(3);
    }

    /** An overlay, with the format of its backing file recorded. */
    public static Qcow2Builder overlay(String backing, String format) {
        return v3().backing(backing).backingFormat(format);
    }

    public Qcow2Builder clusterBits(int bits) {
        this.clusterBits = bits;
        return this;
    }

    public Qcow2Builder size(long bytes) {
        this.size = bytes;
        return this;
    }

    public Qcow2Builder backing(String name) {
        return backing(name.getBytes(StandardCharsets.UTF_8));
    }

    public Qcow2Builder backing(byte[] name) {
        this.backing = name.clone();
        return this;
    }

    public Qcow2Builder backingFormat(String driver) {
        return extension(BACKING_FORMAT, driver.getBytes(StandardCharsets.UTF_8));
    }

    /** The name and the feature bit that makes qemu open it. */
    public Qcow2Builder dataFile(String name) {
        return incompatible(1 << 2).extension(DATA_FILE, name.getBytes(StandardCharsets.UTF_8));
    }

    public Qcow2Builder incompatible(long bits) {
        this.incompatible |= bits;
        return this;
    }

    public Qcow2Builder autoclear(long bits) {
        this.autoclear |= bits;
        return this;
    }

    public Qcow2Builder extension(int type, byte[] data) {
        return extension(type, data, data.length);
    }

    public Qcow2Builder extension(int type, byte[] data, int claimedLength) {
        extensions.add(new Extension(type, claimedLength, ByteBuffer.wrap(data.clone())));
        return this;
    }

    public Qcow2Builder headerLength(int bytes) {
        this.headerLength = bytes;
        return this;
    }

    public Qcow2Builder withoutEndMark() {
        this.endMark = false;
        return this;
    }

    /** Overwrites fields at the end, by their offsets in the specification. */
    public Qcow2Builder patch(Consumer<ByteBuffer> patch) {
        patches.add(patch);
        return this;
    }

    public Qcow2Builder patch32(int offset, long value) {
        return patch(image -> image.putInt(offset, (int) value));
    }

    public Qcow2Builder patch64(int offset, long value) {
        return patch(image -> image.putLong(offset, value));
    }

    /** Offset of the backing name in the image: after the extensions. */
    public int backingOffset() {
        return headerLength + extensionBytes().length;
    }

    /** The first cluster, then one cluster each for the reference count table, a block of it, and the L1 table. */
    public byte[] build() {
        int cluster = 1 << clusterBits;
        byte[] extensionArea = extensionBytes();
        int header = Math.max(cluster, headerLength + extensionArea.length + backing.length);
        long l1Entries = l1Entries();
        int l1Bytes = (int) (l1Entries * 8);
        ByteBuffer image = ByteBuffer.allocate(header + 2 * cluster + Math.max(l1Bytes, cluster));
        image.putInt(0, 0x514649fb).putInt(4, version);
        image.putInt(20, clusterBits).putLong(24, size);
        image.putInt(36, (int) l1Entries).putLong(40, 3L * cluster);
        image.putLong(48, cluster).putInt(56, 1);
        if (version == 3) {
            image.putLong(72, incompatible).putLong(88, autoclear);
            image.putInt(96, 4).putInt(100, headerLength);
        }
        image.put(headerLength, extensionArea);
        if (backing.length > 0) {
            image.putLong(8, backingOffset()).putInt(16, backing.length);
            image.put(backingOffset(), backing);
        }
        image.putLong(cluster, 2L * cluster);
        for (int i = 0; i < 4 && header == cluster; i++) {
            image.putShort(2 * cluster + 2 * i, (short) 1);
        }
        patches.forEach(patch -> patch.accept(image));
        return image.array();
    }

    /** The image cut off after this many bytes. */
    public byte[] build(int bytes) {
        return Arrays.copyOf(build(), bytes);
    }

    private long l1Entries() {
        int shift = 2 * clusterBits - ((incompatible & (1 << 4)) == 0 ? 3 : 4);
        return Math.max(1, (size + (1L << shift) - 1) >> shift);
    }

    private byte[] extensionBytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Extension extension : extensions) {
            out.writeBytes(ByteBuffer.allocate(8)
                    .putInt(extension.type())
                    .putInt(extension.claimedLength())
                    .array());
            out.writeBytes(
                    Arrays.copyOf(extension.data().array(), (extension.data().limit() + 7) & ~7));
        }
        if (endMark) {
            out.writeBytes(new byte[8]);
        }
        return out.toByteArray();
    }
}
