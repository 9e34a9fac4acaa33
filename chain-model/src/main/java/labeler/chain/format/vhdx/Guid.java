package labeler.chain.format.vhdx;

import java.nio.ByteBuffer;
import java.util.UUID;

/** A GUID as it is on disk, its first three parts little-endian. */
record Guid(long high, long low) {
    static final Guid METADATA_REGION = parse("8B7CA206-4790-4B9A-B8FE-575F050F886E");
    static final Guid FILE_PARAMETERS = parse("CAA16737-FA36-4D43-B3B6-33F0AA44E76B");
    static final Guid VIRTUAL_DISK_SIZE = parse("2FA54224-CD1B-4876-B211-5DBED83BF4B8");
    static final Guid PARENT_LOCATOR = parse("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C");

    static Guid of(ByteBuffer littleEndian, int offset) {
        long high = Integer.toUnsignedLong(littleEndian.getInt(offset)) << 32
                | (littleEndian.getShort(offset + 4) & 0xffffL) << 16
                | (littleEndian.getShort(offset + 6) & 0xffffL);
        return new Guid(high, Long.reverseBytes(littleEndian.getLong(offset + 8)));
    }

    private static Guid parse(String text) {
        UUID uuid = UUID.fromString(text);
        return new Guid(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
    }
}
