package labeler.chain.format.parallels;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import labeler.chain.ImageFormat;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.Read;

/**
 * DiskDescriptor.xml of a Parallels disk, which names its image files. qemu opens those one by one, and never this
 * file; it is read only if the user asks about this file itself. See docs/interop/prl-xml.rst of qemu.
 */
public final class DiskDescriptorReader implements FormatReader {
    /** Room for some hundred snapshots: each takes less than 400 bytes. */
    private static final int MAX_BYTES = 128 << 10;

    @Override
    public ImageFormat format() {
        return ImageFormat.PARALLELS_DISK;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        return switch (reader.readUpTo(0, MAX_BYTES)) {
            case Read.Bytes bytes -> parse(bytes.data());
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parse(ByteBuffer text) {
        if (!DiskDescriptor.isIn(text)) {
            return new ParseResult.NotThisFormat("it is no DiskDescriptor.xml");
        }
        if (text.limit() == MAX_BYTES) {
            return new ParseResult.TooMany("it has " + MAX_BYTES + " bytes or more");
        }
        return switch (DiskDescriptor.in(text)) {
            case DiskDescriptor.Named named ->
                new ParseResult.Parsed(OptionalLong.empty(), named.references(), List.of());
            case DiskDescriptor.Refused refused -> refused.failure();
        };
    }
}
