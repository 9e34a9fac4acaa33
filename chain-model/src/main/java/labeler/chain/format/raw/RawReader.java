package labeler.chain.format.raw;

import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import labeler.chain.ImageFormat;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.io.BoundedReader;

/** Raw: the file is the disk. Its content has no meaning here, so it is not read. */
public final class RawReader implements FormatReader {
    @Override
    public ImageFormat format() {
        return ImageFormat.RAW;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        try {
            return new ParseResult.Parsed(OptionalLong.of(reader.size()), List.of(), List.of());
        } catch (IOException e) {
            return new ParseResult.Unreadable("its size cannot be read: " + e.getMessage());
        }
    }
}
