package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.util.Arrays;
import java.util.Optional;
import labeler.linux.Errno;
import labeler.linux.HostPath;

/**
 * An instruction to the security module for one thread (proc_pid_attr(5)). It stays until the thread ends, and threads
 * that it starts inherit it. So it is set on a thread that is made for the purpose.
 */
enum ThreadAttribute {
    /** The context after the next execve(2). */
    EXEC("exec"),
    /** The context of its next sockets. */
    SOCKET_CREATION("sockcreate");

    private final String name;

    ThreadAttribute(String name) {
        this.name = name;
    }

    HostPath path() {
        return HostPath.of("/proc/thread-self/attr/" + name);
    }

    /**
     * Writes the context and reads it back: a kernel without a security module must not look like one with a module.
     */
    void set(Scratch scratch, byte[] context) throws LastErrorException {
        if (context.length == 0 || context.length > Scratch.DATA_SIZE) {
            throw new LastErrorException(Errno.EINVAL.code());
        }
        int attribute =
                Calls.openat(Abi.Open.AT_FDCWD, scratch.path(path().bytes()), Abi.Open.O_RDWR | Abi.Open.O_CLOEXEC);
        try {
            long written = LibC.write(attribute, scratch.data(context), context.length);
            long length = LibC.pread(attribute, scratch.data(), Scratch.DATA_SIZE, 0);
            Optional<byte[]> now = ProcFiles.context(scratch.data((int) length));
            if (written != context.length || !sameContext(now, ProcFiles.context(context))) {
                throw new LastErrorException(Errno.EINVAL.code());
            }
        } finally {
            Calls.close(attribute);
        }
    }

    private static boolean sameContext(Optional<byte[]> one, Optional<byte[]> other) {
        return one.isPresent() && other.isPresent() && Arrays.equals(one.get(), other.get());
    }
}
