package labeler.chain.format.luks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import labeler.chain.ImageFormat;
import labeler.chain.Problem;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.format.ParseResult.Note;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.Read;

/**
 * LUKS version 1, the one that qemu has. A header may be in another file than its data, and neither names the other:
 * only the VM's definition joins them.
 */
public final class LuksReader implements FormatReader {
    /** As far as the payload's offset and the identifier after the digest; key slots follow. */
    private static final int HEADER_BYTES = 208;

    private static final long MAGIC = 0x4c554b53babeL;
    private static final int VERSION = 1;
    private static final int PAYLOAD_OFFSET_AT = 104;
    private static final long SECTOR = 512;

    @Override
    public ImageFormat format() {
        return ImageFormat.LUKS;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        return switch (reader.readUpTo(0, HEADER_BYTES)) {
            case Read.Bytes bytes -> parse(reader, bytes.data());
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parse(BoundedReader reader, ByteBuffer header) {
        if (header.limit() < 8 || header.getLong(0) >>> 16 != MAGIC) {
            return new ParseResult.NotThisFormat("it does not begin as LUKS");
        }
        int version = header.getShort(6);
        if (version != VERSION) {
            return new ParseResult.Unsupported("its LUKS version " + (version & 0xffff) + " is not known, only 1 is");
        }
        if (header.limit() < HEADER_BYTES) {
            return new ParseResult.Malformed("the file ends inside its header, after " + header.limit() + " bytes");
        }
        long payload = Integer.toUnsignedLong(header.getInt(PAYLOAD_OFFSET_AT)) * SECTOR;
        if (payload == 0) {
            return new ParseResult.Parsed(
                    OptionalLong.empty(),
                    List.of(),
                    List.of(new Note(
                            Problem.Kind.UNSUPPORTED,
                            "it is a detached LUKS header: its data lie in another file that it does not name")));
        }
        try {
            return new ParseResult.Parsed(OptionalLong.of(Math.max(0, reader.size() - payload)), List.of(), List.of());
        } catch (IOException e) {
            return new ParseResult.Unreadable("its size cannot be read: " + e.getMessage());
        }
    }
}
