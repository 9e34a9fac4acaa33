package labeler.chain.format;

import labeler.chain.ImageFormat;
import labeler.chain.io.BoundedReader;

/** Reads one format's headers. Without state; never throws for what a file holds. */
public interface FormatReader {
    ImageFormat format();

    ParseResult parse(BoundedReader reader);
}
