package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import labeler.linux.AttributeName;
import labeler.linux.DirectoryEntries;
import labeler.linux.Errno;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.Timestamp;

/**
 * Directories through descriptors. A name in one is reached through procfs: lgetxattrat(2) exists only since Linux
 * 6.13.
 */
final class JnaDirectoryEntries implements DirectoryEntries {
    private static final byte[] HERE = {'.'};
    private static final byte[] UP = {'.', '.'};
    private static final byte[] GONE = " (deleted)".getBytes(StandardCharsets.US_ASCII);

    /** Small, since a walk has a portion of each directory on its way in memory. */
    private static final int PORTION = 4096;

    private final Calls calls;
    private final ScratchPool pool;
    private final ProcDescriptors descriptors;
    private final Opening opening;

    JnaDirectoryEntries(Calls calls, ScratchPool pool, ProcDescriptors descriptors, Opening opening) {
        this.calls = calls;
        this.pool = pool;
        this.descriptors = descriptors;
        this.opening = opening;
    }

    @Override
    public List<Entry> list(OpenedFile directory, int most) throws LinuxException {
        List<Entry> entries = new ArrayList<>();
        try (Listing listing = read(directory)) {
            for (Optional<Entry> next = listing.next(); next.isPresent(); next = listing.next()) {
                if (entries.size() == most) {
                    throw new LinuxException("getdents64", directory.path().printable(), Errno.E2BIG.code());
                }
                entries.add(next.get());
            }
        }
        return entries;
    }

    @Override
    public Listing read(OpenedFile directory) throws LinuxException {
        try (Scratch scratch = pool.take()) {
            int flags = Abi.Open.O_RDONLY | Abi.Open.O_CLOEXEC | calls.arch().openDirectory();
            return new Portions(directory, Calls.openat(directory.descriptor().number(), scratch.path(HERE), flags));
        } catch (LastErrorException e) {
            throw Calls.failure("getdents64", directory.path(), e);
        }
    }

    /** One answer of the kernel at a time, and of that one entry. */
    private final class Portions implements Listing {
        private final OpenedFile directory;
        private final int number;
        private ByteBuffer portion = ByteBuffer.allocate(0);
        private boolean isClosed;

        Portions(OpenedFile directory, int number) {
            this.directory = directory;
            this.number = number;
        }

        @Override
        public Optional<Entry> next() throws LinuxException {
            while (portion.hasRemaining() || fill()) {
                int at = portion.position();
                int length = portion.getShort(at + Abi.DirectoryEntry.LENGTH) & 0xffff;
                portion.position(at + length);
                Optional<Entry> entry = entry(portion, at, length);
                if (entry.isPresent()) {
                    return entry;
                }
            }
            return Optional.empty();
        }

        private boolean fill() throws LinuxException {
            try (Scratch scratch = pool.take()) {
                int read = (int) Calls.retrying(
                        () -> LibC.syscall(calls.arch().getdents64(), number, scratch.data(), PORTION, 0, 0));
                portion = ByteBuffer.wrap(scratch.data(read)).order(ByteOrder.nativeOrder());
                return read > 0;
            } catch (LastErrorException e) {
                throw Calls.failure("getdents64", directory.path(), e);
            }
        }

        @Override
        public void close() {
            if (!isClosed) {
                isClosed = true;
                Calls.close(number);
            }
        }
    }

    private static Optional<Entry> entry(ByteBuffer records, int at, int length) {
        byte[] name = new byte[length - Abi.DirectoryEntry.NAME];
        records.get(at + Abi.DirectoryEntry.NAME, name);
        int end = 0;
        while (end < name.length && name[end] != 0) {
            end++;
        }
        name = Arrays.copyOf(name, end);
        if (Arrays.equals(name, HERE) || Arrays.equals(name, UP)) {
            return Optional.empty();
        }
        Optional<FileType> type =
                Statuses.type(records.get(at + Abi.DirectoryEntry.TYPE) << Abi.DirectoryEntry.TYPE_SHIFT);
        return HostPath.parse(name).map(parsed -> new Entry(parsed, type));
    }

    @Override
    public Optional<Child> find(OpenedFile directory, HostPath name) throws LinuxException {
        try (Scratch scratch = pool.take()) {
            int flags = Abi.Open.O_PATH | Abi.Open.O_CLOEXEC | calls.arch().openNoFollow();
            int number = Calls.openat(directory.descriptor().number(), scratch.path(name.bytes()), flags);
            boolean kept = false;
            try {
                FileStatus status = opening.status(scratch, number);
                int links = scratch.getInt(Abi.Statx.NLINK);
                Timestamp changed = new Timestamp(
                        scratch.getLong(Abi.Statx.CTIME_SECONDS), scratch.getInt(Abi.Statx.CTIME_NANOSECONDS));
                HostPath path = directory.realPath().child(name.bytes());
                Child child = new Child(opening.found(path, path, number, status), links, changed);
                kept = true;
                return Optional.of(child);
            } finally {
                if (!kept) {
                    Calls.close(number);
                }
            }
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.ENOENT.code()) {
                return Optional.empty();
            }
            throw Calls.failure("openat", directory.path().child(name.bytes()), e);
        }
    }

    /**
     * The descriptor stands for one name of the file. The kernel says where that name is now, and where the directory is.
     * It adds words to a name that is gone: so one that ends with these words itself is in doubt.
     */
    @Override
    public boolean hasStill(OpenedFile directory, HostPath name, OpenedFile found) throws LinuxException {
        byte[] wanted = name.bytes();
        try (Scratch scratch = pool.take()) {
            byte[] now = descriptors.name(scratch, found.descriptor().number());
            byte[] above = descriptors.name(scratch, directory.descriptor().number());
            return HostPath.parse(above)
                            .map(path -> Arrays.equals(path.child(wanted).bytes(), now))
                            .orElse(false)
                    && !endsWith(wanted, GONE);
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.ENAMETOOLONG.code()) {
                return false;
            }
            throw Calls.failure("readlink", found.path(), e);
        }
    }

    private static boolean endsWith(byte[] bytes, byte[] end) {
        int start = bytes.length - end.length;
        return start >= 0 && Arrays.equals(bytes, start, bytes.length, end, 0, end.length);
    }

    @Override
    public Optional<byte[]> attribute(OpenedFile directory, HostPath name, AttributeName attribute)
            throws LinuxException {
        HostPath path =
                HostPath.of("/proc/self/fd/" + directory.descriptor().number()).child(name.bytes());
        try (Scratch scratch = pool.take()) {
            long to = scratch.path(path.bytes());
            long asked = scratch.name(attribute.name().getBytes(StandardCharsets.UTF_8));
            long length = Calls.result(() -> LibC.lgetxattr(to, asked, scratch.data(), JnaAttributes.USUAL_SIZE));
            if (length >= 0) {
                return Optional.of(scratch.data((int) length));
            }
            int code = (int) -length;
            if (code == Errno.ENODATA.code()
                    || code == Errno.EOPNOTSUPP.code()
                    || code == Errno.ENOENT.code()
                    || code == Errno.ERANGE.code()) {
                return Optional.empty();
            }
            throw new LinuxException(
                    "lgetxattr", directory.path().child(name.bytes()).printable(), code);
        }
    }
}
