package labeler.chain.format.vhdx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import labeler.chain.ImageFormat;
import labeler.chain.Relation;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.format.ParseResult.Malformed;
import labeler.chain.format.Reference;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.Read;

/**
 * VHDX: a region table leads to the metadata, and those to the parent locator of a differencing disk, which qemu
 * refuses. See Microsoft's MS-VHDX and qemu's block/vhdx.c.
 */
public final class VhdxReader implements FormatReader {
    private static final long SIGNATURE = 0x7668647866696c65L;
    private static final int REGION_SIGNATURE = 0x72656769;
    private static final long METADATA_SIGNATURE = 0x6d65746164617461L;

    private static final long REGION_TABLE_AT = 192 << 10;
    private static final long REGION_TABLE_COPY_AT = 256 << 10;
    private static final int TABLE_BYTES = 64 << 10;
    private static final int REGION_ROWS_AT = 16;
    private static final int METADATA_ROWS_AT = 32;
    private static final int ROW_BYTES = 32;

    /** The number of entries that fit into a table of 64 KiB. */
    private static final int MAX_ROWS = 2047;

    private static final int FILE_PARAMETERS_BYTES = 8;
    private static final int HAS_PARENT = 2;

    @Override
    public ImageFormat format() {
        return ImageFormat.VHDX;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        return switch (reader.readUpTo(0, 8)) {
            case Read.Bytes bytes ->
                bytes.data().limit() == 8 && bytes.data().getLong(0) == SIGNATURE
                        ? parseRegions(reader)
                        : new ParseResult.NotThisFormat("it does not begin as VHDX");
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parseRegions(BoundedReader reader) {
        for (long table : new long[] {REGION_TABLE_AT, REGION_TABLE_COPY_AT}) {
            switch (reader.read(table, TABLE_BYTES)) {
                case Read.Bytes bytes -> {
                    if (bytes.data().getInt(0) == REGION_SIGNATURE) {
                        return parseRegions(reader, bytes.data().order(ByteOrder.LITTLE_ENDIAN));
                    }
                }
                case Read.NotRead failure -> {
                    return ParseResult.of(failure);
                }
            }
        }
        return new Malformed("it has no region table");
    }

    private static ParseResult parseRegions(BoundedReader reader, ByteBuffer table) {
        long count = Integer.toUnsignedLong(table.getInt(8));
        if (count > MAX_ROWS) {
            return new Malformed("its region table has " + count + " rows, more than " + MAX_ROWS);
        }
        for (int i = 0; i < count; i++) {
            int row = REGION_ROWS_AT + i * ROW_BYTES;
            if (Guid.of(table, row).equals(Guid.METADATA_REGION)) {
                return parseMetadata(reader, table.getLong(row + 16));
            }
        }
        return new Malformed("it has no metadata region");
    }

    private static ParseResult parseMetadata(BoundedReader reader, long position) {
        return switch (reader.read(position, TABLE_BYTES)) {
            case Read.Bytes bytes ->
                bytes.data().getLong(0) == METADATA_SIGNATURE
                        ? parseMetadata(reader, position, bytes.data().order(ByteOrder.LITTLE_ENDIAN))
                        : new Malformed("its metadata region has no signature");
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parseMetadata(BoundedReader reader, long region, ByteBuffer table) {
        int count = table.getShort(10) & 0xffff;
        if (count > MAX_ROWS) {
            return new Malformed("its metadata table has " + count + " rows, more than " + MAX_ROWS);
        }
        MetadataItems items = MetadataItems.in(table, region, METADATA_ROWS_AT, ROW_BYTES, count);
        Optional<ByteBuffer> parameters = items.read(reader, Guid.FILE_PARAMETERS, FILE_PARAMETERS_BYTES);
        if (parameters.isEmpty()) {
            return new Malformed("its file parameters cannot be read");
        }
        OptionalLong virtualSize = items.read(reader, Guid.VIRTUAL_DISK_SIZE, 8)
                .map(data -> data.getLong(0))
                .filter(size -> size >= 0)
                .map(OptionalLong::of)
                .orElseGet(OptionalLong::empty);
        if ((parameters.get().getInt(4) & HAS_PARENT) == 0) {
            return new ParseResult.Parsed(virtualSize, List.of(), List.of());
        }
        return items.readAll(reader, Guid.PARENT_LOCATOR)
                .<ParseResult>map(locator -> new ParseResult.Parsed(
                        virtualSize,
                        ParentLocator.names(locator).stream()
                                .<Reference>map(name -> new Reference.Unfollowed(name, Relation.PARENT))
                                .toList(),
                        List.of()))
                .orElseGet(() -> new Malformed("it has a parent, and no locator of it that can be read"));
    }
}
