package labeler.chain.format;

import labeler.chain.ImageFormat;
import labeler.chain.io.BoundedReader;

/** Reads one format's headers. It has no state, and never throws because of a file's content. */
public interface FormatReader {
    ImageFormat format();

    /** Reads an image of its own. */
    ParseResult parse(BoundedReader reader);

    /** Reads a part of an image, which may have another header than an image has. */
    default ParseResult parsePart(BoundedReader reader, Reference.ExtentKind kind) {
        return parse(reader);
    }
}
