package labeler.chain.format.qed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalLong;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.Problem;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.format.ParseResult.Note;
import labeler.chain.format.Reference;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.ByteRange;
import labeler.chain.io.CString;
import labeler.chain.io.Read;

/**
 * QED: a feature bit says whether there is a backing name, and its format is known only if it is raw. See
 * docs/specs/qed_spec.rst.
 */
public final class QedReader implements FormatReader {
    private static final int HEADER_BYTES = 64;
    private static final int MAGIC = 0x00444551;

    private static final long FEATURE_BACKING = 1;
    private static final long FEATURE_NEED_CHECK = 2;
    private static final long FEATURE_BACKING_IS_RAW = 4;
    private static final long KNOWN_FEATURES = FEATURE_BACKING | FEATURE_NEED_CHECK | FEATURE_BACKING_IS_RAW;

    private static final long MIN_CLUSTER = 4 << 10;
    private static final long MAX_CLUSTER = 64 << 20;
    private static final long MAX_TABLE_CLUSTERS = 16;

    /** Linux opens no path of 4096 bytes or more, and qemu keeps 1024 of them: qemu also refuses a longer one. */
    private static final long MAX_BACKING_NAME = 1023;

    @Override
    public ImageFormat format() {
        return ImageFormat.QED;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        return switch (reader.readUpTo(0, HEADER_BYTES)) {
            case Read.Bytes bytes -> parse(reader, bytes.data().order(ByteOrder.LITTLE_ENDIAN));
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parse(BoundedReader reader, ByteBuffer header) {
        if (header.limit() < 4 || header.getInt(0) != MAGIC) {
            return new ParseResult.NotThisFormat("it does not begin as QED");
        }
        if (header.limit() < HEADER_BYTES) {
            return new ParseResult.Malformed("the file ends inside its header, after " + header.limit() + " bytes");
        }
        long cluster = Integer.toUnsignedLong(header.getInt(4));
        long tableClusters = Integer.toUnsignedLong(header.getInt(8));
        long headerClusters = Integer.toUnsignedLong(header.getInt(12));
        long features = header.getLong(16);
        if ((features & ~KNOWN_FEATURES) != 0) {
            return new ParseResult.Unsupported("it needs a QED feature that is not known (0x"
                    + Long.toHexString(features & ~KNOWN_FEATURES) + ")");
        }
        if (Long.bitCount(cluster) != 1 || cluster < MIN_CLUSTER || cluster > MAX_CLUSTER) {
            return new ParseResult.Malformed("its cluster size " + cluster + " is out of range");
        }
        if (Long.bitCount(tableClusters) != 1 || tableClusters > MAX_TABLE_CLUSTERS) {
            return new ParseResult.Malformed("its table size " + tableClusters + " is out of range");
        }
        if (header.getLong(48) < 0) {
            return new ParseResult.Malformed("its virtual size is out of range");
        }
        if ((features & FEATURE_BACKING) == 0) {
            return result(header, FileName.of(""));
        }
        long nameOffset = Integer.toUnsignedLong(header.getInt(56));
        long nameSize = Integer.toUnsignedLong(header.getInt(60));
        // Both factors are below 2^32, so the product may be negative but not small again; a negative end is never
        // accepted.
        if (!ByteRange.fits(nameOffset, nameSize, headerClusters * cluster)) {
            return new ParseResult.Malformed("the backing file name lies outside the header");
        }
        if (nameSize > MAX_BACKING_NAME) {
            return new ParseResult.Malformed("the backing file name is " + nameSize + " bytes long, more than 1023");
        }
        return switch (reader.read(nameOffset, (int) nameSize)) {
            case Read.Bytes name -> result(header, CString.in(name.data()));
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult result(ByteBuffer header, FileName backing) {
        long features = header.getLong(16);
        Reference.RecordedFormat format = (features & FEATURE_BACKING_IS_RAW) == 0
                ? new Reference.Unrecordable()
                : new Reference.Driver(FileName.of(ImageFormat.RAW.driver()));
        return new ParseResult.Parsed(
                OptionalLong.of(header.getLong(48)),
                backing.isEmpty() ? List.of() : List.of(new Reference.Backing(backing, format)),
                (features & FEATURE_NEED_CHECK) == 0
                        ? List.of()
                        : List.of(new Note(
                                Problem.Kind.MALFORMED,
                                "it was not closed cleanly: qemu repairs it when it opens it writable")));
    }
}
