package labeler.chain.format.cloop;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import labeler.chain.ImageFormat;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.Read;

/** A compressed loop image; it names no file. See qemu's block/cloop.c. */
public final class CloopReader implements FormatReader {
    private static final byte[] MAGIC = "#!/bin/sh\n#V2.0 Format\n".getBytes(StandardCharsets.US_ASCII);
    private static final int BLOCK_SIZE_AT = 128;
    private static final int HEADER_BYTES = 136;

    @Override
    public ImageFormat format() {
        return ImageFormat.CLOOP;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        return switch (reader.readUpTo(0, HEADER_BYTES)) {
            case Read.Bytes bytes -> {
                if (bytes.data().limit() < HEADER_BYTES) {
                    yield new ParseResult.NotThisFormat("it is too short for a compressed loop image");
                }
                byte[] magic = new byte[MAGIC.length];
                bytes.data().get(0, magic);
                long blockBytes = Integer.toUnsignedLong(bytes.data().getInt(BLOCK_SIZE_AT));
                long blocks = Integer.toUnsignedLong(bytes.data().getInt(BLOCK_SIZE_AT + 4));
                // Both are below 2^32: a product beyond 2^63 is negative, and not a size.
                long size = blockBytes * blocks;
                yield Arrays.equals(magic, MAGIC)
                        ? new ParseResult.Parsed(
                                size < 0 ? OptionalLong.empty() : OptionalLong.of(size), List.of(), List.of())
                        : new ParseResult.NotThisFormat("it does not begin as a compressed loop image");
            }
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }
}
