package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
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

/**
 * Directories through descriptors. A name in one is reached through procfs: lgetxattrat(2) exists only since Linux
 * 6.13.
 */
final class JnaDirectoryEntries implements DirectoryEntries {
    private static final byte[] HERE = {'.'};
    private static final byte[] UP = {'.', '.'};

    /** No context in use is longer, and the kernel clears the whole offered memory. */
    private static final int USUAL_SIZE = 1024;

    private final Calls calls;
    private final ScratchPool pool;
    private final Opening opening;

    JnaDirectoryEntries(Calls calls, ScratchPool pool, Opening opening) {
        this.calls = calls;
        this.pool = pool;
        this.opening = opening;
    }

    @Override
    public List<Entry> list(OpenedFile directory, int most) throws LinuxException {
        try (Scratch scratch = pool.take()) {
            int flags = Abi.Open.O_RDONLY | Abi.Open.O_CLOEXEC | calls.arch().openDirectory();
            int number = Calls.openat(directory.descriptor().number(), scratch.path(HERE), flags);
            try {
                return list(scratch, number, directory, most);
            } finally {
                Calls.close(number);
            }
        } catch (LastErrorException e) {
            throw Calls.failure("getdents64", directory.path(), e);
        }
    }

    private List<Entry> list(Scratch scratch, int number, OpenedFile directory, int most)
            throws LinuxException, LastErrorException {
        List<Entry> entries = new ArrayList<>();
        while (true) {
            int read = (int) Calls.retrying(
                    () -> LibC.syscall(calls.arch().getdents64(), number, scratch.data(), Scratch.DATA_SIZE, 0, 0));
            if (read == 0) {
                return entries;
            }
            ByteBuffer records = scratch.dataBuffer(read);
            int at = 0;
            while (at < read) {
                int length = records.getShort(at + Abi.DirectoryEntry.LENGTH) & 0xffff;
                entry(records, at, length).ifPresent(entries::add);
                at += length;
            }
            if (entries.size() > most) {
                throw new LinuxException("getdents64", directory.path().printable(), Errno.E2BIG.code());
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
                HostPath path = directory.realPath().child(name.bytes());
                Child child = new Child(opening.found(path, path, number, status), links);
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

    @Override
    public Optional<byte[]> attribute(OpenedFile directory, HostPath name, AttributeName attribute)
            throws LinuxException {
        HostPath path =
                HostPath.of("/proc/self/fd/" + directory.descriptor().number()).child(name.bytes());
        try (Scratch scratch = pool.take()) {
            long to = scratch.path(path.bytes());
            long asked = scratch.name(attribute.name().getBytes(StandardCharsets.UTF_8));
            long length = Calls.retrying(() -> LibC.lgetxattr(to, asked, scratch.data(), USUAL_SIZE));
            return Optional.of(scratch.data((int) length));
        } catch (LastErrorException e) {
            int code = e.getErrorCode();
            if (code == Errno.ENODATA.code()
                    || code == Errno.EOPNOTSUPP.code()
                    || code == Errno.ENOENT.code()
                    || code == Errno.ERANGE.code()) {
                return Optional.empty();
            }
            throw Calls.failure("lgetxattr", directory.path().child(name.bytes()), e);
        }
    }
}
