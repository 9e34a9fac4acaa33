package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import labeler.linux.Descriptor;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;

/** Turns a descriptor into an open file: with the kernel's facts about it, and a way to read it. */
final class Opening {
    static final int WANTED = Abi.Statx.STATX_BASIC_STATS | Abi.Statx.STATX_BTIME | Abi.Statx.STATX_MNT_ID;

    private final Calls calls;
    private final ScratchPool pool;
    private final ProcDescriptors descriptors;

    Opening(Calls calls, ScratchPool pool, ProcDescriptors descriptors) {
        this.calls = calls;
        this.pool = pool;
        this.descriptors = descriptors;
    }

    /** The structure area holds the whole struct statx afterwards, unless the kernel is older than 5.8. */
    FileStatus status(Scratch scratch, int descriptor) throws LinuxException, LastErrorException {
        calls.statx(scratch, descriptor, 0, WANTED);
        if (Statuses.hasMountId(scratch)) {
            return Statuses.status(scratch, Statuses.mountId(scratch));
        }
        long mountId = descriptors.mountId(scratch, descriptor);
        return Statuses.status(scratch, mountId);
    }

    /** The file owns the descriptor from now on. */
    OpenedFile opened(HostPath path, HostPath realPath, int descriptor, FileStatus status) {
        return file(path, realPath, new OwnedDescriptor(descriptor), status);
    }

    /** As {@link #opened}, for an {@code O_PATH} descriptor. */
    OpenedFile found(HostPath path, HostPath realPath, int descriptor, FileStatus status) {
        return file(path, realPath, OwnedDescriptor.ofFound(descriptor), status);
    }

    private OpenedFile file(HostPath path, HostPath realPath, OwnedDescriptor descriptor, FileStatus status) {
        return new OpenedFile(
                path, realPath, descriptor, status, (from, target, position) -> read(path, from, target, position));
    }

    private int read(HostPath path, Descriptor descriptor, ByteBuffer target, long position) throws LinuxException {
        int number = descriptor.number();
        try {
            return target.isDirect() ? readDirect(number, target, position) : readCopied(number, target, position);
        } catch (LastErrorException e) {
            throw Calls.failure("pread", path, e);
        }
    }

    private static int readDirect(int number, ByteBuffer target, long position) throws LastErrorException {
        long start = LibC.address(target);
        int total = 0;
        while (target.hasRemaining()) {
            long from = position + total;
            int got =
                    (int) Calls.retrying(() -> LibC.pread(number, start + target.position(), target.remaining(), from));
            if (got == 0) {
                break;
            }
            target.position(target.position() + got);
            total += got;
        }
        return total;
    }

    private int readCopied(int number, ByteBuffer target, long position) throws LastErrorException {
        int total = 0;
        try (Scratch scratch = pool.take()) {
            while (target.hasRemaining()) {
                long from = position + total;
                int size = Math.min(target.remaining(), Scratch.DATA_SIZE);
                int got = (int) Calls.retrying(() -> LibC.pread(number, scratch.data(), size, from));
                if (got == 0) {
                    break;
                }
                scratch.moveTo(target, got);
                total += got;
            }
        }
        return total;
    }
}
