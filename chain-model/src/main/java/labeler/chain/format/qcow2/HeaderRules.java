package labeler.chain.format.qcow2;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.chain.format.ParseResult.Failure;
import labeler.chain.format.ParseResult.Malformed;
import labeler.chain.format.ParseResult.Unsupported;
import labeler.chain.io.ByteRange;

/** The limits that qemu's {@code qcow2_do_open} enforces; qemu does not open an image that breaks one of them. */
final class HeaderRules {
    /** 512 bytes: a sector. */
    static final long MIN_CLUSTER_BITS = 9;

    /** 2 MiB: qemu's limit, so that tables of one cluster can be read at once. */
    static final long MAX_CLUSTER_BITS = 21;

    /** qemu keeps names in 1024 bytes, the NUL included. */
    static final long MAX_BACKING_NAME = 1023;

    /** qemu's QCOW_MAX_L1_SIZE. */
    static final long MAX_L1_BYTES = 32L << 20;

    /** qemu's QCOW_MAX_REFTABLE_SIZE. */
    static final long MAX_REFCOUNT_TABLE_BYTES = 8L << 20;

    /** qemu's QCOW_MAX_SNAPSHOTS, of 40 bytes each at least. */
    static final long MAX_SNAPSHOTS = 65536;

    static final int SNAPSHOT_ENTRY_BYTES = 40;

    /** 64-bit reference counts. */
    static final long MAX_REFCOUNT_ORDER = 6;

    /** With 32 subclusters to a cluster, each of a sector at least. */
    static final long MIN_CLUSTER_BITS_EXTENDED_L2 = 14;

    static final long DIRTY = 1;
    static final long CORRUPT = 1 << 1;
    static final long EXTERNAL_DATA = 1 << 2;
    static final long COMPRESSION = 1 << 3;
    static final long EXTENDED_L2 = 1 << 4;
    static final long RAW_EXTERNAL_DATA = 1 << 1;
    private static final long KNOWN = DIRTY | CORRUPT | EXTERNAL_DATA | COMPRESSION | EXTENDED_L2;

    private static final int AES = 1;
    private static final int LUKS = 2;
    private static final int ZLIB = 0;
    private static final int ZSTD = 1;
    private static final int TABLE_ENTRY_BYTES = 8;

    private HeaderRules() {}

    /** The first rule that the header breaks, in qemu's order; empty if {@link #accept} may take it. */
    static Optional<Failure> broken(RawHeader raw) {
        // The cluster size comes first: every other limit is a multiple of it.
        if (raw.clusterBits() < MIN_CLUSTER_BITS || raw.clusterBits() > MAX_CLUSTER_BITS) {
            return malformed("cluster_bits is " + raw.clusterBits() + ", not 9 to 21");
        }
        return Stream.<Optional<Failure>>of(layout(raw), features(raw), tables(raw))
                .flatMap(Optional::stream)
                .findFirst();
    }

    static Qcow2Header accept(RawHeader raw) {
        int cluster = 1 << raw.clusterBits();
        int backingOffset = (int) raw.backingOffset();
        return new Qcow2Header(
                (int) raw.headerLength(),
                backingOffset == 0 ? cluster : backingOffset,
                backingOffset,
                (int) raw.backingSize(),
                raw.size(),
                encryptionOf(raw),
                featuresOf(raw));
    }

    private static Optional<Failure> layout(RawHeader raw) {
        long cluster = 1L << raw.clusterBits();
        if (raw.version() == 3 && raw.headerLength() < RawHeader.V3_LENGTH) {
            return malformed("header_length is " + raw.headerLength() + ", less than 104");
        }
        if (raw.headerLength() > cluster) {
            return malformed("header_length " + raw.headerLength() + " is beyond the first cluster");
        }
        if (!ByteRange.fits(raw.backingOffset(), 0, cluster)) {
            return malformed("the backing file name is at " + Long.toUnsignedString(raw.backingOffset())
                    + ", beyond the first cluster");
        }
        if (raw.backingOffset() != 0 && raw.backingSize() > Math.min(MAX_BACKING_NAME, cluster - raw.backingOffset())) {
            return malformed("the backing file name is " + raw.backingSize() + " bytes long, more than "
                    + Math.min(MAX_BACKING_NAME, cluster - raw.backingOffset()));
        }
        if (raw.size() < 0) {
            return malformed("the virtual size is 2^63 bytes or more");
        }
        return Optional.empty();
    }

    private static Optional<Failure> features(RawHeader raw) {
        long unknown = raw.incompatibleFeatures() & ~KNOWN;
        if (unknown != 0) {
            return Optional.of(
                    new Unsupported("it needs a qcow2 feature that is not known (incompatible feature bits 0x"
                            + Long.toHexString(unknown) + ")"));
        }
        if (has(raw, EXTENDED_L2) && raw.clusterBits() < MIN_CLUSTER_BITS_EXTENDED_L2) {
            return malformed("its clusters are too small for extended L2 entries");
        }
        if (raw.refcountOrder() > MAX_REFCOUNT_ORDER) {
            return malformed("refcount_order is " + raw.refcountOrder() + ", more than 6");
        }
        if (raw.cryptMethod() > LUKS) {
            return malformed("crypt_method is " + raw.cryptMethod() + ", not 0 to 2");
        }
        if (raw.compressionType() != ZLIB && raw.compressionType() != ZSTD) {
            return Optional.of(new Unsupported("its compression type " + raw.compressionType() + " is not known"));
        }
        if (has(raw, COMPRESSION) != (raw.compressionType() != ZLIB)) {
            return malformed("its compression type and the feature bit for it do not agree");
        }
        return Optional.empty();
    }

    private static Optional<Failure> tables(RawHeader raw) {
        if (raw.refcountTableClusters() == 0) {
            return malformed("it has no reference count table");
        }
        long refcountEntries = raw.refcountTableClusters() << (raw.clusterBits() - 3);
        if (!isTable(raw, raw.refcountTableOffset(), refcountEntries, TABLE_ENTRY_BYTES, MAX_REFCOUNT_TABLE_BYTES)) {
            return malformed("its reference count table is too large, unaligned or out of range");
        }
        if (!isTable(
                raw,
                raw.snapshotsOffset(),
                raw.snapshots(),
                SNAPSHOT_ENTRY_BYTES,
                MAX_SNAPSHOTS * SNAPSHOT_ENTRY_BYTES)) {
            return malformed("its snapshot table is too large, unaligned or out of range");
        }
        if (!isTable(raw, raw.l1Offset(), raw.l1Size(), TABLE_ENTRY_BYTES, MAX_L1_BYTES)) {
            return malformed("its L1 table is too large, unaligned or out of range");
        }
        if (raw.l1Size() < l1EntriesFor(raw)) {
            return malformed("its L1 table is too small for its virtual size");
        }
        return Optional.empty();
    }

    private static long l1EntriesFor(RawHeader raw) {
        long l2Bits = raw.clusterBits() - (has(raw, EXTENDED_L2) ? 4 : 3);
        long shift = raw.clusterBits() + l2Bits;
        return (raw.size() >>> shift) + ((raw.size() & ((1L << shift) - 1)) == 0 ? 0 : 1);
    }

    private static boolean isTable(RawHeader raw, long offset, long entries, int entryBytes, long maximumBytes) {
        return ByteRange.tableFits(offset, entries, entryBytes, maximumBytes)
                && (offset & ((1L << raw.clusterBits()) - 1)) == 0;
    }

    private static Qcow2Header.Encryption encryptionOf(RawHeader raw) {
        if (raw.cryptMethod() == LUKS) {
            return Qcow2Header.Encryption.LUKS;
        }
        return raw.cryptMethod() == AES ? Qcow2Header.Encryption.AES : Qcow2Header.Encryption.NONE;
    }

    private static Set<Qcow2Header.Feature> featuresOf(RawHeader raw) {
        Set<Qcow2Header.Feature> features = EnumSet.noneOf(Qcow2Header.Feature.class);
        if (has(raw, DIRTY)) {
            features.add(Qcow2Header.Feature.DIRTY);
        }
        if (has(raw, CORRUPT)) {
            features.add(Qcow2Header.Feature.CORRUPT);
        }
        if (has(raw, EXTERNAL_DATA)) {
            features.add(Qcow2Header.Feature.EXTERNAL_DATA);
        }
        if ((raw.autoclearFeatures() & RAW_EXTERNAL_DATA) != 0) {
            features.add(Qcow2Header.Feature.RAW_EXTERNAL_DATA);
        }
        return features;
    }

    private static boolean has(RawHeader raw, long feature) {
        return (raw.incompatibleFeatures() & feature) != 0;
    }

    private static Optional<Failure> malformed(String reason) {
        return Optional.of(new Malformed(reason));
    }
}
