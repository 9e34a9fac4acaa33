package labeler.chain.format.bochs;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalLong;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.CString;
import labeler.chain.io.Read;

/** A growing disk of Bochs; it names no file. See qemu's block/bochs.c. */
public final class BochsReader implements FormatReader {
    private static final int HEADER_BYTES = 96;
    private static final FileName MAGIC = FileName.of("Bochs Virtual HD Image");
    private static final FileName TYPE = FileName.of("Redolog");
    private static final FileName SUBTYPE = FileName.of("Growing");
    private static final int VERSION_1 = 0x00010000;
    private static final int VERSION_2 = 0x00020000;

    @Override
    public ImageFormat format() {
        return ImageFormat.BOCHS;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        return switch (reader.readUpTo(0, HEADER_BYTES)) {
            case Read.Bytes bytes -> parse(bytes.data().order(ByteOrder.LITTLE_ENDIAN));
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parse(ByteBuffer header) {
        if (header.limit() < HEADER_BYTES || !CString.in(header.slice(0, 32)).equals(MAGIC)) {
            return new ParseResult.NotThisFormat("it does not begin as a Bochs image");
        }
        boolean grows = CString.in(header.slice(32, 16)).equals(TYPE)
                && CString.in(header.slice(48, 16)).equals(SUBTYPE);
        int version = header.getInt(64);
        if (!grows || (version != VERSION_1 && version != VERSION_2)) {
            return new ParseResult.Unsupported("its kind of Bochs image is not known, only growing ones are");
        }
        long virtualSize = header.getLong(version == VERSION_1 ? 84 : 88);
        return new ParseResult.Parsed(
                virtualSize < 0 ? OptionalLong.empty() : OptionalLong.of(virtualSize), List.of(), List.of());
    }
}
