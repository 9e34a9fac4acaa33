package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.util.concurrent.atomic.AtomicBoolean;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;

/** System calls with their retries, and whether the kernel has the newer ones. */
final class Calls {
    /** A system call that is repeated if a signal interrupts it. */
    @FunctionalInterface
    interface Interruptible {
        long call() throws LastErrorException;
    }

    /** A system call that answers -1 if it fails, and leaves errno to {@link Native#getLastError}. */
    @FunctionalInterface
    interface Answering {
        long call();
    }

    private final Arch arch;
    private final AtomicBoolean openat2 = new AtomicBoolean(true);

    /** @param useOpenat2 whether to use openat2(2) at all, if the kernel has it */
    Calls(Arch arch, boolean useOpenat2) {
        this.arch = arch;
        openat2.set(useOpenat2);
    }

    Arch arch() {
        return arch;
    }

    static long retrying(Interruptible call) throws LastErrorException {
        while (true) {
            try {
                return call.call();
            } catch (LastErrorException e) {
                if (e.getErrorCode() != Errno.EINTR.code()) {
                    throw e;
                }
            }
        }
    }

    /** Repeats the call if a signal interrupts it. Its result, or {@code -errno} as in the kernel. */
    static long result(Answering call) {
        while (true) {
            long result = call.call();
            if (result >= 0) {
                return result;
            }
            int code = Native.getLastError();
            if (code != Errno.EINTR.code()) {
                // A failure without a reason must not look like an empty result.
                return code == 0 ? -Errno.EIO.code() : -code;
            }
        }
    }

    static LinuxException failure(String call, HostPath path, LastErrorException e) {
        return new LinuxException(call, path.printable(), e.getErrorCode());
    }

    static LinuxException failure(String call, String subject, LastErrorException e) {
        return new LinuxException(call, subject, e.getErrorCode());
    }

    /** Whether openat2(2) may exist: true until the kernel says otherwise. */
    boolean hasOpenat2() {
        return openat2.get();
    }

    /**
     * openat2(2) with {@code O_PATH}; it remembers if the kernel does not have the call. It uses the structure area.
     */
    int openat2(Scratch scratch, int directory, long path, int flags, long resolve) throws LastErrorException {
        scratch.putLong(Abi.OpenHow.FLAGS, flags);
        scratch.putLong(Abi.OpenHow.MODE, 0);
        scratch.putLong(Abi.OpenHow.RESOLVE, resolve);
        try {
            return (int) retrying(() ->
                    LibC.syscall(Abi.CallNumber.OPENAT2, directory, path, scratch.structure(), Abi.OpenHow.SIZE, 0));
        } catch (LastErrorException e) {
            // Seccomp filters older than the call answer EPERM; the call itself never does so for O_PATH.
            if (e.getErrorCode() == Errno.ENOSYS.code() || e.getErrorCode() == Errno.EPERM.code()) {
                openat2.set(false);
            }
            throw e;
        }
    }

    /** statx(2) of a path below a descriptor, into the structure area. */
    void statx(Scratch scratch, int directory, long path, int flags, int mask) throws LastErrorException {
        retrying(() -> LibC.syscall(arch.statx(), directory, path, flags, mask, scratch.structure()));
    }

    /** statx(2) of a descriptor, into the structure area. */
    void statx(Scratch scratch, int descriptor, int flags, int mask) throws LastErrorException {
        statx(scratch, descriptor, scratch.emptyName(), flags | Abi.Open.AT_EMPTY_PATH, mask);
    }

    static int openat(int directory, long path, int flags) throws LastErrorException {
        return (int) retrying(() -> LibC.openat(directory, path, flags, 0));
    }

    /**
     * close(2). Its errors do not matter, since nothing was written through the descriptor. It must never be retried.
     */
    static void close(int descriptor) {
        try {
            LibC.close(descriptor);
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.EBADF.code()) {
                throw new IllegalStateException("descriptor " + descriptor + " was closed by somebody else", e);
            }
        }
    }
}
