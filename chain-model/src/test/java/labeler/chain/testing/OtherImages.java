package labeler.chain.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;

/** Headers of the formats beside qcow2 and VMDK, as small as qemu opens them; tests patch them further. */
public final class OtherImages {
    private static final long DISK_BYTES = 1 << 20;
    private static final int VHD_FOOTER = 512;
    private static final int VHD_DYNAMIC = 1024;

    private OtherImages() {}

    /** All bytes of an image. */
    public static byte[] bytes(ByteBuffer image) {
        byte[] bytes = new byte[image.limit()];
        image.get(0, bytes);
        return bytes;
    }

    /** qcow version 1; no backing file if the name is empty. */
    public static ByteBuffer qcow(String backing) {
        byte[] name = backing.getBytes(StandardCharsets.UTF_8);
        ByteBuffer image = ByteBuffer.allocate(1 << 16);
        image.putInt(0, 0x514649fb).putInt(4, 1).putLong(24, DISK_BYTES);
        image.put(32, (byte) 12).put(33, (byte) 9).putLong(40, 4096);
        if (name.length > 0) {
            image.putLong(8, 48).putInt(16, name.length).put(48, name);
        }
        return image;
    }

    /** QED with these feature bits; the name is there even without its bit. */
    public static ByteBuffer qed(long features, String backing) {
        byte[] name = backing.getBytes(StandardCharsets.UTF_8);
        int cluster = 4096;
        ByteBuffer image = ByteBuffer.allocate(4 * cluster).order(ByteOrder.LITTLE_ENDIAN);
        image.putInt(0, 0x00444551).putInt(4, cluster).putInt(8, 2).putInt(12, 1);
        image.putLong(16, features).putLong(40, cluster).putLong(48, DISK_BYTES);
        image.putInt(56, 64).putInt(60, name.length).put(64, name);
        return image;
    }

    public static ByteBuffer vdi(int type) {
        ByteBuffer image = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        image.putInt(64, 0xbeda107f).putInt(68, 0x00010001).putInt(72, 0x180).putInt(76, type);
        image.putInt(340, 0x200).putInt(344, 0x400).putInt(360, 512);
        image.putLong(368, DISK_BYTES).putInt(376, 1 << 20).putInt(384, 1);
        image.putInt(0x200, -1);
        return image;
    }

    /** A VHD of this type, dynamic or differencing; the dynamic header is at 512, locator data from 2048 on. */
    public static ByteBuffer vhd(int type, String parentName) {
        ByteBuffer image = ByteBuffer.allocate(8192);
        image.put(vhdFooter(type)).putLong(VHD_FOOTER, 0x6378737061727365L);
        image.putLong(VHD_FOOTER + 16, VHD_FOOTER + VHD_DYNAMIC);
        image.putInt(VHD_FOOTER + 24, 0x00010000).putInt(VHD_FOOTER + 28, 1).putInt(VHD_FOOTER + 32, 1 << 21);
        image.put(VHD_FOOTER + 64, parentName.getBytes(StandardCharsets.UTF_16BE));
        image.putInt(VHD_FOOTER + VHD_DYNAMIC, -1);
        checksum(image, VHD_FOOTER, VHD_DYNAMIC, VHD_FOOTER + 36);
        return image;
    }

    /** Puts a locator of UTF-16LE or UTF-8 text into a VHD that {@link #vhd} made. */
    public static ByteBuffer vhdLocator(ByteBuffer image, int slot, String code, String path) {
        byte[] data = path.getBytes(code.equals("MacX") ? StandardCharsets.UTF_8 : StandardCharsets.UTF_16LE);
        int row = VHD_FOOTER + 576 + slot * 24;
        int position = 2048 + slot * 512;
        image.put(row, code.getBytes(StandardCharsets.US_ASCII))
                .putInt(row + 4, 1)
                .putInt(row + 8, data.length);
        return image.putLong(row + 16, position).put(position, data);
    }

    public static byte[] vhdFooter(int type) {
        ByteBuffer footer = ByteBuffer.allocate(VHD_FOOTER);
        footer.put(0, "conectix".getBytes(StandardCharsets.US_ASCII))
                .putInt(8, 2)
                .putInt(12, 0x00010000);
        footer.putLong(16, type == 2 ? -1 : VHD_FOOTER);
        footer.put(28, "qemu".getBytes(StandardCharsets.US_ASCII));
        footer.putLong(40, DISK_BYTES).putLong(48, DISK_BYTES);
        footer.putShort(56, (short) 30).put(58, (byte) 4).put(59, (byte) 17).putInt(60, type);
        checksum(footer, 0, VHD_FOOTER, 64);
        return footer.array();
    }

    private static void checksum(ByteBuffer image, int start, int length, int field) {
        image.putInt(field, 0);
        int sum = 0;
        for (int i = start; i < start + length; i++) {
            sum += image.get(i) & 0xff;
        }
        image.putInt(field, ~sum);
    }

    /** A VHDX of region table, metadata and, if wanted, a parent locator of these keys and values. */
    public static ByteBuffer vhdx(boolean hasParent, String... keysAndValues) {
        int region = 1 << 20;
        ByteBuffer image = ByteBuffer.allocate(region + (1 << 18)).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0, "vhdxfile".getBytes(StandardCharsets.US_ASCII));
        image.put(192 << 10, "regi".getBytes(StandardCharsets.US_ASCII)).putInt((192 << 10) + 8, 1);
        putRow(image, (192 << 10) + 16, "8B7CA206-4790-4B9A-B8FE-575F050F886E");
        image.putLong((192 << 10) + 32, region).putInt((192 << 10) + 40, 1 << 18);
        image.put(region, "metadata".getBytes(StandardCharsets.US_ASCII));
        image.putShort(region + 10, (short) (keysAndValues.length > 0 ? 3 : 2));
        putItem(image, region, 0, "CAA16737-FA36-4D43-B3B6-33F0AA44E76B", 65536, 8);
        image.putInt(region + 65536 + 4, hasParent ? 2 : 0);
        putItem(image, region, 1, "2FA54224-CD1B-4876-B211-5DBED83BF4B8", 65544, 8);
        image.putLong(region + 65544, DISK_BYTES);
        if (keysAndValues.length > 0) {
            byte[] locator = vhdxLocator(keysAndValues);
            putItem(image, region, 2, "A8D35F2D-B30B-454D-ABF7-D3D84834AB0C", 66048, locator.length);
            image.put(region + 66048, locator);
        }
        return image;
    }

    private static byte[] vhdxLocator(String... keysAndValues) {
        int rows = keysAndValues.length / 2;
        ByteBuffer locator = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        locator.putShort(18, (short) rows);
        int end = 20 + rows * 12;
        for (int i = 0; i < rows; i++) {
            byte[] key = keysAndValues[2 * i].getBytes(StandardCharsets.UTF_16LE);
            byte[] value = keysAndValues[2 * i + 1].getBytes(StandardCharsets.UTF_16LE);
            int row = 20 + i * 12;
            locator.putInt(row, end).putShort(row + 8, (short) key.length).put(end, key);
            end += key.length;
            locator.putInt(row + 4, end)
                    .putShort(row + 10, (short) value.length)
                    .put(end, value);
            end += value.length;
        }
        return Arrays.copyOf(locator.array(), end);
    }

    private static void putItem(ByteBuffer image, int region, int index, String guid, int offset, int length) {
        int row = region + 32 + index * 32;
        putRow(image, row, guid);
        image.putInt(row + 16, offset).putInt(row + 20, length).putInt(row + 24, 4);
    }

    private static void putRow(ByteBuffer image, int position, String guid) {
        UUID uuid = UUID.fromString(guid);
        image.putInt(position, (int) (uuid.getMostSignificantBits() >>> 32));
        image.putShort(position + 4, (short) (uuid.getMostSignificantBits() >>> 16));
        image.putShort(position + 6, (short) uuid.getMostSignificantBits());
        image.putLong(position + 8, Long.reverseBytes(uuid.getLeastSignificantBits()));
    }

    public static ByteBuffer parallels(String magic) {
        ByteBuffer image = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0, magic.getBytes(StandardCharsets.US_ASCII))
                .putInt(16, 2)
                .putInt(20, 16)
                .putInt(24, 1);
        return image.putInt(28, 2048)
                .putInt(32, 1)
                .putLong(36, DISK_BYTES / 512)
                .putInt(48, 64);
    }

    public static ByteBuffer luks(int version, int payloadSectors) {
        ByteBuffer image = ByteBuffer.allocate(1 << 16);
        image.putLong(0, 0x4c554b53babe0000L | version);
        return image.putInt(104, payloadSectors);
    }

    /** COW of User-mode Linux. */
    public static ByteBuffer cow(int version, String backing) {
        byte[] name = backing.getBytes(StandardCharsets.UTF_8);
        ByteBuffer image = ByteBuffer.allocate(1 << 12);
        return image.putInt(0, 0x4f4f4f4d).putInt(4, version).put(8, name);
    }

    /** A disc of ISO 9660, its first descriptor and no more. */
    public static ByteBuffer iso9660() {
        ByteBuffer image = ByteBuffer.allocate(17 * 2048);
        return image.put(16 * 2048, (byte) 1).put(16 * 2048 + 1, "CD001".getBytes(StandardCharsets.US_ASCII));
    }

    public static ByteBuffer bochs() {
        ByteBuffer image = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0, "Bochs Virtual HD Image".getBytes(StandardCharsets.US_ASCII));
        image.put(32, "Redolog".getBytes(StandardCharsets.US_ASCII));
        image.put(48, "Growing".getBytes(StandardCharsets.US_ASCII));
        image.putInt(64, 0x00020000)
                .putInt(68, 512)
                .putInt(72, 1)
                .putInt(76, 512)
                .putInt(80, 1 << 20);
        return image.putLong(88, DISK_BYTES);
    }

    public static ByteBuffer cloop() {
        String script = "#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount -r -t iso9660 /dev/cloop $1\n";
        ByteBuffer image = ByteBuffer.allocate(1 << 12);
        image.put(0, script.getBytes(StandardCharsets.US_ASCII));
        return image.putInt(128, 65536).putInt(132, 16);
    }

    public static ByteBuffer dmg() {
        ByteBuffer image = ByteBuffer.allocate(2048);
        image.put(1536, "koly".getBytes(StandardCharsets.US_ASCII));
        return image.putLong(1536 + 492, DISK_BYTES / 512);
    }

    /** A DMG that qemu opens, which wants a block of it in the property list before the trailer. */
    public static ByteBuffer dmgWithBlocks() {
        // One table of one run of zeros, eight sectors long.
        ByteBuffer table = ByteBuffer.allocate(204 + 40);
        table.put(0, "mish".getBytes(StandardCharsets.US_ASCII)).putInt(200, 1).putInt(204, 2);
        table.putLong(212, 0).putLong(220, 8);
        byte[] list = ("<data>" + Base64.getEncoder().encodeToString(bytes(table)) + "</data>")
                .getBytes(StandardCharsets.US_ASCII);
        ByteBuffer image = ByteBuffer.allocate(2048).put(0, list);
        image.put(1536, "koly".getBytes(StandardCharsets.US_ASCII)).putLong(1536 + 0xe0, list.length);
        return image.putLong(1536 + 492, DISK_BYTES / 512);
    }
}
