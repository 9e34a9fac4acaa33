package labeler.chain.format.vhdx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.ByteRange;
import labeler.chain.io.Read;

/** The rows of a metadata table: the position of each item. */
final class MetadataItems {
    /** The limit of one item, in MS-VHDX. */
    private static final long MAX_ITEM_BYTES = 1 << 20;

    /** The most that is read of a parent locator; paths of Windows are shorter, and so is the rest of the budget. */
    private static final long MAX_READ_BYTES = 256 << 10;

    private record Item(long position, long length) {}

    private final Map<Guid, Item> items = new HashMap<>();

    private MetadataItems() {}

    static MetadataItems in(ByteBuffer table, long region, int firstRow, int rowBytes, int rows) {
        MetadataItems items = new MetadataItems();
        for (int i = 0; i < rows; i++) {
            int row = firstRow + i * rowBytes;
            long offset = Integer.toUnsignedLong(table.getInt(row + 16));
            long length = Integer.toUnsignedLong(table.getInt(row + 20));
            if (length <= MAX_ITEM_BYTES && ByteRange.fits(region, offset, Long.MAX_VALUE)) {
                items.items.putIfAbsent(Guid.of(table, row), new Item(region + offset, length));
            }
        }
        return items;
    }

    /** The first bytes of an item, little-endian; empty if it is not there, or shorter. */
    Optional<ByteBuffer> read(BoundedReader reader, Guid guid, int bytes) {
        return Optional.ofNullable(items.get(guid))
                .filter(item -> item.length() >= bytes)
                .flatMap(item -> read(reader, item.position(), bytes));
    }

    /** A whole item, little-endian; empty if it is not there, or too long. */
    Optional<ByteBuffer> readAll(BoundedReader reader, Guid guid) {
        return Optional.ofNullable(items.get(guid))
                .filter(item -> item.length() <= MAX_READ_BYTES)
                .flatMap(item -> read(reader, item.position(), (int) item.length()));
    }

    private static Optional<ByteBuffer> read(BoundedReader reader, long position, int bytes) {
        return reader.read(position, bytes) instanceof Read.Bytes data
                ? Optional.of(data.data().order(ByteOrder.LITTLE_ENDIAN))
                : Optional.empty();
    }
}
