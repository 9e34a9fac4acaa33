package labeler.chain.format.vmdk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import labeler.chain.FileName;
import labeler.chain.Relation;
import labeler.chain.format.ParseResult;
import labeler.chain.format.ParseResult.Malformed;
import labeler.chain.format.Reference;
import labeler.chain.io.CString;

/**
 * The header of a sparse file of the older ESX ("COWD"), little-endian, magic included. See VMware's Virtual Disk Format,
 * ESX Server sparse extents.
 *
 * @param sectors of the disk
 * @param grain size of one, in sectors
 * @param directoryEntries of the grain directory
 * @param parent empty for a disk without one, whose header has its geometry in the same place
 */
record EsxHeader(long sectors, long grain, long directoryEntries, Optional<FileName> parent) {
    /** The end of the parent's name; a second name and a description follow. */
    static final int BYTES = 1056;

    /** The least length of a header; if a parent's name is cut off, it ends where the file does. */
    private static final int PARENT_AT = 32;

    /** The flag of a disk without a parent. Without the flag the geometry's bytes are a name. */
    private static final int FLAG_ROOT = 1;

    /** The size of a grain, in sectors: qemu's limit, 1 GiB. */
    private static final long MAX_GRAIN = 0x200000;

    /** Entries of the grain directory: qemu's limit. */
    private static final long MAX_DIRECTORY = 32L << 20;

    /** The header in at least {@link #PARENT_AT} bytes. */
    static EsxHeader of(ByteBuffer data) {
        ByteBuffer header = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        boolean root = (header.getInt(8) & FLAG_ROOT) != 0;
        FileName name = CString.in(header.slice(PARENT_AT, header.limit() - PARENT_AT));
        return new EsxHeader(
                Integer.toUnsignedLong(header.getInt(12)),
                Integer.toUnsignedLong(header.getInt(16)),
                Integer.toUnsignedLong(header.getInt(24)),
                root || name.isEmpty() ? Optional.empty() : Optional.of(name));
    }

    static boolean isWhole(ByteBuffer data) {
        return data.limit() >= PARENT_AT;
    }

    Optional<ParseResult.Failure> broken() {
        if (grain > MAX_GRAIN) {
            return Optional.of(new Malformed("its grains are of " + grain + " sectors"));
        }
        return directoryEntries > MAX_DIRECTORY
                ? Optional.of(new Malformed("its grain directory is too large"))
                : Optional.empty();
    }

    /** qemu opens no parent by this name, only one of a text descriptor. */
    List<Reference> references() {
        return parent.<List<Reference>>map(name -> List.of(new Reference.Unfollowed(name, Relation.PARENT)))
                .orElseGet(List::of);
    }
}
