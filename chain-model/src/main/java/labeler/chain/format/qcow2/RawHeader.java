package labeler.chain.format.qcow2;

import java.nio.ByteBuffer;

/**
 * The fields as they are on disk (docs/interop/qcow2.rst), big-endian; 32-bit ones as unsigned values in a long. Fields
 * that version 2 does not have get the values that it implies.
 */
record RawHeader(
        int version,
        long backingOffset,
        long backingSize,
        long clusterBits,
        long size,
        long cryptMethod,
        long l1Size,
        long l1Offset,
        long refcountTableOffset,
        long refcountTableClusters,
        long snapshots,
        long snapshotsOffset,
        long incompatibleFeatures,
        long autoclearFeatures,
        long refcountOrder,
        long headerLength,
        int compressionType) {
    static final int V2_LENGTH = 72;
    static final int V3_LENGTH = 104;

    /** The compression type follows the shortest header of version 3, if the header's own length covers it. */
    static final int COMPRESSION_TYPE_AT = 104;

    /** The end of the last field. */
    static final int LONGEST = 112;

    private static final int V2_REFCOUNT_ORDER = 4;

    /** From at least {@link #V2_LENGTH} bytes. */
    static RawHeader version2(ByteBuffer data) {
        return of(data, 2, 0, 0, V2_REFCOUNT_ORDER, V2_LENGTH, 0);
    }

    /** From at least {@link #V3_LENGTH} bytes; one more if the header's length covers it. */
    static RawHeader version3(ByteBuffer data) {
        long length = Integer.toUnsignedLong(data.getInt(100));
        boolean hasCompressionType = length > COMPRESSION_TYPE_AT && data.limit() > COMPRESSION_TYPE_AT;
        return of(
                data,
                3,
                data.getLong(72),
                data.getLong(88),
                Integer.toUnsignedLong(data.getInt(96)),
                length,
                hasCompressionType ? data.get(COMPRESSION_TYPE_AT) & 0xff : 0);
    }

    private static RawHeader of(
            ByteBuffer data,
            int version,
            long incompatible,
            long autoclear,
            long refcountOrder,
            long headerLength,
            int compressionType) {
        return new RawHeader(
                version,
                data.getLong(8),
                Integer.toUnsignedLong(data.getInt(16)),
                Integer.toUnsignedLong(data.getInt(20)),
                data.getLong(24),
                Integer.toUnsignedLong(data.getInt(32)),
                Integer.toUnsignedLong(data.getInt(36)),
                data.getLong(40),
                data.getLong(48),
                Integer.toUnsignedLong(data.getInt(56)),
                Integer.toUnsignedLong(data.getInt(60)),
                data.getLong(64),
                incompatible,
                autoclear,
                refcountOrder,
                headerLength,
                compressionType);
    }
}
