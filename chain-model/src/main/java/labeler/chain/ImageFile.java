package labeler.chain;

import java.io.IOException;
import java.nio.ByteBuffer;

/** An open image. An implementation has made sure that it is a regular file or a block device. */
public interface ImageFile extends AutoCloseable {
    FileIdentity identity();

    /** In bytes; for a block device its capacity. */
    long size() throws IOException;

    /**
     * Fills {@code target} from {@code position}.
     *
     * @return bytes read; less than asked for only at the end, 0 at or past it
     */
    int read(ByteBuffer target, long position) throws IOException;

    /** Whether, since it was opened, another file has taken its place or it was rewritten. */
    boolean changed() throws IOException;

    @Override
    void close();
}
