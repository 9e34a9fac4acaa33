package labeler.chain.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import labeler.chain.FileIdentity;
import labeler.chain.ImageFile;

/** An image without a file: it counts the reads of its bytes, or refuses them. */
public final class MemoryImage implements ImageFile {
    private final byte[] bytes;
    private final FileIdentity identity;
    private int reads;
    private long bytesAsked;
    private boolean failing;
    private boolean changed;
    private boolean closed;

    public MemoryImage(byte[] bytes) {
        this(bytes, new FileIdentity(1, 1));
    }

    public MemoryImage(byte[] bytes, FileIdentity identity) {
        this.bytes = bytes.clone();
        this.identity = identity;
    }

    public void failReads() {
        failing = true;
    }

    public void change() {
        changed = true;
    }

    public int reads() {
        return reads;
    }

    public long bytesAsked() {
        return bytesAsked;
    }

    public boolean isClosed() {
        return closed;
    }

    @Override
    public FileIdentity identity() {
        return identity;
    }

    @Override
    public long size() {
        return bytes.length;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        reads++;
        bytesAsked += target.remaining();
        if (failing) {
            throw new IOException("Input/output error");
        }
        if (position >= bytes.length) {
            return 0;
        }
        int length = Math.min(target.remaining(), bytes.length - (int) position);
        target.put(bytes, (int) position, length);
        return length;
    }

    @Override
    public boolean changed() {
        return changed;
    }

    @Override
    public void close() {
        closed = true;
    }
}
