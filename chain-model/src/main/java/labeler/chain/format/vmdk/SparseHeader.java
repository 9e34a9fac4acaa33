package labeler.chain.format.vmdk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.Function;
import labeler.chain.format.ParseResult;
import labeler.chain.format.ParseResult.Malformed;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.Read;

/**
 * The header of a hosted sparse extent, little-endian, magic included.
 *
 * @param capacity in sectors
 * @param grain size of one, in sectors
 * @param descriptorOffset in sectors
 * @param tableEntries of a grain table
 * @param directoryOffset of the grain directory, in sectors; all ones if a footer has it
 * @param dataOffset in sectors
 */
record SparseHeader(
        long version,
        long capacity,
        long grain,
        long descriptorOffset,
        long tableEntries,
        long directoryOffset,
        long dataOffset) {
    static final int BYTES = 80;

    private static final long VERSION = 3;
    private static final long DIRECTORY_AT_END = -1;
    private static final long SECTOR = 512;

    /** Entries of a grain table, in VMware's specification and in qemu. */
    private static final long MAX_TABLE_ENTRIES = 512;

    /** The size of a grain, in sectors: qemu's limit, 1 GiB. */
    private static final long MAX_GRAIN = 0x200000;

    /** Entries of the grain directory: qemu's limit, 32 MiB of them. */
    private static final long MAX_DIRECTORY = (32L << 20) / 4;

    /** A marker, the footer, and the end-of-stream marker, of a sector each. */
    private static final int FOOTER_BYTES = 1536;

    private static final int MAGIC = 0x4b444d56;
    private static final int MARKER_FOOTER = 3;

    static SparseHeader of(ByteBuffer data) {
        return new SparseHeader(
                Integer.toUnsignedLong(data.getInt(4)),
                data.getLong(12),
                data.getLong(20),
                data.getLong(28),
                Integer.toUnsignedLong(data.getInt(44)),
                data.getLong(56),
                data.getLong(64));
    }

    /** The header that counts, once it is known to be in order. */
    sealed interface Effective {
        default ParseResult map(Function<SparseHeader, ParseResult> next) {
            return switch (this) {
                case Valid valid -> next.apply(valid.header());
                case Refused refused -> refused.failure();
            };
        }
    }

    record Valid(SparseHeader header) implements Effective {}

    record Refused(ParseResult.Failure failure) implements Effective {}

    static Effective effective(BoundedReader reader, SparseHeader header) {
        if (header.directoryOffset() != DIRECTORY_AT_END) {
            return checked(reader, header);
        }
        long size;
        try {
            size = reader.size();
        } catch (IOException e) {
            return new Refused(new ParseResult.Unreadable("its size cannot be read: " + e.getMessage()));
        }
        // qemu counts the file in whole sectors.
        long end = size / SECTOR * SECTOR;
        if (end < FOOTER_BYTES) {
            return new Refused(new Malformed("it is too short for the footer that its header promises"));
        }
        return switch (reader.read(end - FOOTER_BYTES, FOOTER_BYTES)) {
            case Read.Bytes footer -> ofFooter(reader, footer.data());
            case Read.NotRead failure -> new Refused(ParseResult.of(failure));
        };
    }

    private static Effective ofFooter(BoundedReader reader, ByteBuffer footer) {
        boolean marked = footer.getInt(8) == 0
                && Integer.reverseBytes(footer.getInt(12)) == MARKER_FOOTER
                && footer.getInt(512) == MAGIC
                && footer.getLong(1024) == 0
                && footer.getInt(1032) == 0
                && footer.getInt(1036) == 0;
        return marked
                ? checked(reader, of(footer.slice(512, BYTES).order(ByteOrder.LITTLE_ENDIAN)))
                : new Refused(new Malformed("its footer is not in order"));
    }

    private static Effective checked(BoundedReader reader, SparseHeader header) {
        Optional<ParseResult.Failure> broken = header.broken();
        if (broken.isPresent()) {
            return new Refused(broken.get());
        }
        try {
            long sectors = (reader.size() + SECTOR - 1) / SECTOR;
            return header.dataOffset() < 0 || header.dataOffset() > sectors
                    ? new Refused(new Malformed("the file ends before the data that its header promises"))
                    : new Valid(header);
        } catch (IOException e) {
            return new Refused(new ParseResult.Unreadable("its size cannot be read: " + e.getMessage()));
        }
    }

    private Optional<ParseResult.Failure> broken() {
        if (version > VERSION) {
            return Optional.of(new ParseResult.Unsupported("its VMDK version " + version + " is not known"));
        }
        if (capacity < 0 || capacity > Long.MAX_VALUE / SECTOR) {
            return malformed("its capacity is out of range");
        }
        if (tableEntries == 0 || tableEntries > MAX_TABLE_ENTRIES) {
            return malformed("its grain tables have " + tableEntries + " entries, not 1 to 512");
        }
        if (grain <= 0 || grain > MAX_GRAIN) {
            return malformed("its grains are of " + Long.toUnsignedString(grain) + " sectors");
        }
        return capacity / (tableEntries * grain) > MAX_DIRECTORY
                ? malformed("its grain directory is too large")
                : Optional.empty();
    }

    private static Optional<ParseResult.Failure> malformed(String reason) {
        return Optional.of(new Malformed(reason));
    }
}
