package labeler.chain.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import labeler.chain.ImageFile;

/**
 * Reads one image's header: at stated positions, within a budget of bytes and of reads, never in part. It keeps a small
 * window, so that a header whose parts are close together costs one system call. It is not thread-safe.
 */
public final class BoundedReader {
    /** A page: the header, extensions and backing name of every image that qemu-img makes fit in it. */
    public static final int WINDOW = 4096;

    private final ImageFile file;
    private final ReadBudget budget;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long windowStart;
    private long bytesLeft;
    private int readsLeft;

    public BoundedReader(ImageFile file, ReadBudget budget) {
        this.file = file;
        this.budget = budget;
        this.bytesLeft = budget.bytes();
        this.readsLeft = budget.reads();
    }

    /** Size of the file in bytes. */
    public long size() throws IOException {
        return file.size();
    }

    /** The bytes that were requested from the system so far. */
    public long bytesAsked() {
        return budget.bytes() - bytesLeft;
    }

    /** Exactly {@code length} bytes from {@code position}, neither negative. */
    public Read read(long position, int length) {
        return read(position, length, length);
    }

    /** At most {@code length} bytes from {@code position}; fewer only at the end of the file. */
    public Read readUpTo(long position, int length) {
        return read(position, length, 0);
    }

    private Read read(long position, int length, int atLeast) {
        if (position < 0 || length < 0 || position > Long.MAX_VALUE - Math.max(length, WINDOW)) {
            return new Read.EndOfFile(position, length, 0);
        }
        if (!isInWindow(position, length)) {
            Optional<Read.NotRead> failure = fill(position, Math.max(length, WINDOW));
            if (failure.isPresent()) {
                return failure.get();
            }
        }
        int available = (int) Math.max(0, Math.min(length, windowStart + window.limit() - position));
        if (available < atLeast) {
            return new Read.EndOfFile(position, length, available);
        }
        return new Read.Bytes(
                window.slice((int) (position - windowStart), available).asReadOnlyBuffer());
    }

    private boolean isInWindow(long position, int length) {
        return position >= windowStart && ByteRange.fits(position - windowStart, length, window.limit());
    }

    private Optional<Read.NotRead> fill(long position, int length) {
        if (readsLeft == 0) {
            return Optional.of(new Read.OverBudget(budget.reads() + " reads"));
        }
        if (length > bytesLeft) {
            return Optional.of(new Read.OverBudget(budget.bytes() + " bytes"));
        }
        ByteBuffer target = ByteBuffer.allocate(length);
        try {
            int got = Math.max(0, file.read(target, position));
            window = target.position(0).limit(Math.min(got, length));
        } catch (IOException e) {
            return Optional.of(new Read.Failed(String.valueOf(e.getMessage())));
        }
        windowStart = position;
        readsLeft--;
        bytesLeft -= length;
        return Optional.empty();
    }
}
