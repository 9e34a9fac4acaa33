package labeler.chain.format.parallels;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import labeler.chain.ImageFormat;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.Read;

/**
 * One image file of a Parallels disk. It names no other file. DiskDescriptor.xml beside it does, but qemu does not read
 * that. See docs/interop/parallels.rst.
 */
public final class ParallelsReader implements FormatReader {
    private static final int HEADER_BYTES = 64;
    private static final int MAGIC_BYTES = 16;
    private static final String MAGIC = "WithoutFreeSpace";
    private static final String MAGIC_EXTENDED = "WithouFreSpacExt";
    private static final int VERSION = 2;
    private static final long SECTOR = 512;

    /** In sectors: more than that is not a file offset in bytes. */
    private static final long MAX_SECTORS = Long.MAX_VALUE / SECTOR;

    @Override
    public ImageFormat format() {
        return ImageFormat.PARALLELS;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        return switch (reader.readUpTo(0, HEADER_BYTES)) {
            case Read.Bytes bytes -> parse(bytes.data().order(ByteOrder.LITTLE_ENDIAN));
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parse(ByteBuffer header) {
        String magic = magic(header);
        if (!magic.equals(MAGIC) && !magic.equals(MAGIC_EXTENDED)) {
            return new ParseResult.NotThisFormat("it does not begin as a Parallels image");
        }
        if (header.limit() < HEADER_BYTES) {
            return new ParseResult.Malformed("the file ends inside its header, after " + header.limit() + " bytes");
        }
        if (header.getInt(MAGIC_BYTES) != VERSION) {
            return new ParseResult.Unsupported("its version is not known, only 2 is");
        }
        // The older magic has 32 bits of size; the following bytes are not part of it.
        long sectors = magic.equals(MAGIC) ? Integer.toUnsignedLong(header.getInt(36)) : header.getLong(36);
        if (sectors < 0 || sectors > MAX_SECTORS) {
            return new ParseResult.Malformed("its virtual size is out of range");
        }
        return new ParseResult.Parsed(OptionalLong.of(sectors * SECTOR), List.of(), List.of());
    }

    private static String magic(ByteBuffer header) {
        byte[] magic = new byte[Math.min(MAGIC_BYTES, header.limit())];
        header.get(0, magic);
        return new String(magic, StandardCharsets.ISO_8859_1);
    }
}
