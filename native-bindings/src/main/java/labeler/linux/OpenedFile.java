package labeler.linux;

import java.nio.ByteBuffer;

/**
 * An open file, with the kernel's facts about it at that moment. Only this can be labelled: a path cannot. It owns its
 * descriptor.
 */
public final class OpenedFile implements OpenOutcome, AutoCloseable {
    /** Reads at a position, so that no shared offset exists: pread(2). */
    @FunctionalInterface
    public interface PositionalReader {
        /**
         * Fills {@code target} from {@code position}; short only at the end of the file.
         *
         * @return bytes read, 0 at or past the end
         */
        int read(Descriptor descriptor, ByteBuffer target, long position) throws LinuxException;
    }

    private final HostPath path;
    private final HostPath realPath;
    private final Descriptor descriptor;
    private final FileStatus status;
    private final PositionalReader reader;
    private final Runnable closing;

    /**
     * @param path the name under which it was opened
     * @param realPath the kernel's own name for it (/proc/self/fd), without symbolic links
     */
    public OpenedFile(
            HostPath path, HostPath realPath, Descriptor descriptor, FileStatus status, PositionalReader reader) {
        this(path, realPath, descriptor, status, reader, descriptor::close);
    }

    private OpenedFile(
            HostPath path,
            HostPath realPath,
            Descriptor descriptor,
            FileStatus status,
            PositionalReader reader,
            Runnable closing) {
        this.path = path;
        this.realPath = realPath;
        this.descriptor = descriptor;
        this.status = status;
        this.reader = reader;
        this.closing = closing;
    }

    /** The same open file, but a watcher reads and closes it: both calls may wait for its server. */
    public OpenedFile by(PositionalReader otherReader, Runnable otherClosing) {
        return new OpenedFile(path, realPath, descriptor, status, otherReader, otherClosing);
    }

    public HostPath path() {
        return path;
    }

    public HostPath realPath() {
        return realPath;
    }

    public Descriptor descriptor() {
        return descriptor;
    }

    public FileStatus status() {
        return status;
    }

    public FileIdentity identity() {
        return status.identity();
    }

    /** See {@link PositionalReader#read}. */
    public int read(ByteBuffer target, long position) throws LinuxException {
        return reader.read(descriptor, target, position);
    }

    @Override
    public void close() {
        closing.run();
    }

    @Override
    public String toString() {
        return path.printable();
    }
}
