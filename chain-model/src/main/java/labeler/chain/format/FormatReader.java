package labeler.chain.format;

import labeler.chain.ImageFormat;
import labeler.chain.io.BoundedReader;

/** Reads one format's headers. It has no state, and never throws because of a file's content. */
public interface FormatReader {
    ImageFormat format();

    ParseResult parse(BoundedReader reader);
}
