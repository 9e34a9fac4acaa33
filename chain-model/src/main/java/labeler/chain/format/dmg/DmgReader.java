package labeler.chain.format.dmg;

import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import labeler.chain.ImageFormat;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.Read;

/** A disk image of macOS, known by the block at its end. Its segments are numbered, not named. See qemu's block/dmg.c. */
public final class DmgReader implements FormatReader {
    private static final int TRAILER_BYTES = 512;
    private static final int MAGIC = 0x6b6f6c79;
    private static final int SECTORS_AT = 492;
    private static final long SECTOR = 512;

    @Override
    public ImageFormat format() {
        return ImageFormat.DMG;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        long size;
        try {
            size = reader.size();
        } catch (IOException e) {
            return new ParseResult.Unreadable("its size cannot be read: " + e.getMessage());
        }
        if (size < TRAILER_BYTES) {
            return new ParseResult.NotThisFormat("it is too short for DMG");
        }
        return switch (reader.read(size - TRAILER_BYTES, TRAILER_BYTES)) {
            case Read.Bytes trailer -> {
                if (trailer.data().getInt(0) != MAGIC) {
                    yield new ParseResult.NotThisFormat("it does not end as DMG");
                }
                long sectors = trailer.data().getLong(SECTORS_AT);
                yield new ParseResult.Parsed(
                        sectors < 0 || sectors > Long.MAX_VALUE / SECTOR
                                ? OptionalLong.empty()
                                : OptionalLong.of(sectors * SECTOR),
                        List.of(),
                        List.of());
            }
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }
}
