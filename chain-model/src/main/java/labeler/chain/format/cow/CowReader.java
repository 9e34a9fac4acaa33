package labeler.chain.format.cow;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.Relation;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.format.Reference;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.CString;
import labeler.chain.io.Read;

/**
 * The second version of User-mode Linux' copy-on-write file, which libvirt still reads. See the kernel's
 * arch/um/drivers/cow_user.c; qemu dropped it in 2.2.
 */
public final class CowReader implements FormatReader {
    private static final int MAGIC = 0x4f4f4f4d;
    private static final int VERSION = 2;
    private static final int NAME_AT = 8;
    private static final int NAME_BYTES = 1024;

    @Override
    public ImageFormat format() {
        return ImageFormat.COW;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        return switch (reader.readUpTo(0, NAME_AT + NAME_BYTES)) {
            case Read.Bytes bytes -> parse(bytes.data());
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parse(ByteBuffer header) {
        if (header.limit() < NAME_AT || header.getInt(0) != MAGIC) {
            return new ParseResult.NotThisFormat("it does not begin as a COW file");
        }
        if (header.getInt(4) != VERSION) {
            return new ParseResult.Unsupported("its COW version is not known, only 2 is");
        }
        if (header.limit() < NAME_AT + NAME_BYTES) {
            return new ParseResult.Malformed("the file ends inside its header, after " + header.limit() + " bytes");
        }
        FileName backing = CString.in(header.slice(NAME_AT, NAME_BYTES));
        return new ParseResult.Parsed(
                OptionalLong.empty(),
                backing.isEmpty() ? List.of() : List.of(new Reference.Unfollowed(backing, Relation.BACKING)),
                List.of());
    }
}
