package labeler.api;

import java.nio.ByteBuffer;
import labeler.chain.FileIdentity;
import labeler.chain.ImageFile;

/** An image of which nothing is known but which file it is. */
record SampleImage(long inode) implements ImageFile {
    @Override
    public FileIdentity identity() {
        return new FileIdentity(2049, inode);
    }

    @Override
    public long size() {
        return 0;
    }

    @Override
    public int read(ByteBuffer target, long position) {
        return 0;
    }

    @Override
    public boolean changed() {
        return false;
    }

    @Override
    public void close() {}
}
