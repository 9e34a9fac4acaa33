package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.MountInfo;

/**
 * /proc/self/mountinfo, read again only when the kernel says that a mount has come, gone or changed: poll(2) then
 * reports {@code POLLPRI} on it, once. It is asked before reading, so a change during the read is seen the next time.
 */
final class MountTable {
    private static final HostPath PATH = HostPath.of("/proc/self/mountinfo");
    private static final int UNOPENED = -1;
    /** Some 100 bytes for each mount; no known host has more mounts than fit. */
    private static final int MAXIMUM_SIZE = 64 << 20;

    private final Function<byte[], Map<Long, Mount>> parser;
    private int descriptor = UNOPENED;
    private Map<Long, Mount> mounts = Map.of();
    private long timesRead;

    /** Until a read has succeeded: the kernel's only notice of a change is used up by then. */
    private boolean isStale = true;

    MountTable() {
        this(MountInfo::parse);
    }

    /** @param parser of the text of /proc/self/mountinfo */
    MountTable(Function<byte[], Map<Long, Mount>> parser) {
        this.parser = parser;
    }

    synchronized Optional<Mount> find(Scratch scratch, long id) throws LinuxException {
        refresh(scratch);
        return Optional.ofNullable(mounts.get(id));
    }

    synchronized List<Mount> all(Scratch scratch) throws LinuxException {
        refresh(scratch);
        return List.copyOf(mounts.values());
    }

    synchronized List<Mount> ofDevice(Scratch scratch, long device) throws LinuxException {
        refresh(scratch);
        return mounts.values().stream()
                .filter(mount -> mount.device() == device)
                .toList();
    }

    /** The number of reads: after each change it is read again. */
    synchronized long changes(Scratch scratch) throws LinuxException {
        refresh(scratch);
        return timesRead;
    }

    private void refresh(Scratch scratch) throws LinuxException {
        try {
            if (descriptor == UNOPENED) {
                int flags = Abi.Open.O_RDONLY | Abi.Open.O_CLOEXEC;
                descriptor = Calls.openat(Abi.Open.AT_FDCWD, scratch.path(PATH.bytes()), flags);
            }
            isStale |= changed(scratch);
            if (isStale) {
                mounts = parser.apply(readAll(scratch));
                timesRead++;
                isStale = false;
            }
        } catch (LastErrorException e) {
            throw Calls.failure("read", PATH, e);
        }
    }

    private boolean changed(Scratch scratch) throws LastErrorException {
        scratch.putInt(Abi.Poll.FD, descriptor);
        scratch.putInt(Abi.Poll.EVENTS, Abi.Poll.POLLPRI);
        return Calls.retrying(() -> LibC.poll(scratch.structure(), 1, 0)) > 0;
    }

    private byte[] readAll(Scratch scratch) throws LastErrorException {
        ByteArrayOutputStream text = new ByteArrayOutputStream(Scratch.DATA_SIZE);
        while (text.size() < MAXIMUM_SIZE) {
            long position = text.size();
            int got = (int) Calls.retrying(() -> LibC.pread(descriptor, scratch.data(), Scratch.DATA_SIZE, position));
            if (got == 0) {
                break;
            }
            text.writeBytes(scratch.data(got));
        }
        return text.toByteArray();
    }
}
