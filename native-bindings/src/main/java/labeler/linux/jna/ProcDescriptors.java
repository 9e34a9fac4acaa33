package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;

/**
 * /proc/self/fd, held open: a way from a descriptor to its file's name, and to another descriptor on the same file. A
 * check at the start makes sure that it is procfs; a later mount over /proc does not matter.
 */
final class ProcDescriptors {
    private static final HostPath DIRECTORY = HostPath.of("/proc/self/fd");
    private static final byte[] MOUNT_ID = "mnt_id:".getBytes(StandardCharsets.US_ASCII);
    private static final int UNOPENED = -1;
    /** fdinfo of a regular file takes some 100 bytes; locks follow the lines that matter. */
    private static final int FDINFO_SIZE = 512;

    private final Calls calls;
    private final AtomicInteger directory = new AtomicInteger(UNOPENED);

    ProcDescriptors(Calls calls) {
        this.calls = calls;
    }

    private int directory(Scratch scratch) throws LinuxException {
        int open = directory.get();
        return open == UNOPENED ? openDirectory(scratch) : open;
    }

    private synchronized int openDirectory(Scratch scratch) throws LinuxException {
        if (directory.get() != UNOPENED) {
            return directory.get();
        }
        int opened;
        try {
            int flags = Abi.Open.O_PATH | calls.arch().openDirectory() | Abi.Open.O_CLOEXEC;
            opened = Calls.openat(Abi.Open.AT_FDCWD, scratch.path(DIRECTORY.bytes()), flags);
        } catch (LastErrorException e) {
            throw Calls.failure("open", DIRECTORY, e);
        }
        try {
            LibC.fstatfs(opened, scratch.structure());
            if (scratch.getLong(Abi.StatFs.TYPE) != Abi.StatFs.PROC_SUPER_MAGIC) {
                throw new LinuxException("fstatfs", DIRECTORY + " (not procfs)", labeler.linux.Errno.ENODEV.code());
            }
        } catch (LastErrorException e) {
            Calls.close(opened);
            throw Calls.failure("fstatfs", DIRECTORY, e);
        } catch (LinuxException e) {
            Calls.close(opened);
            throw e;
        }
        directory.set(opened);
        return opened;
    }

    /** A real descriptor on the file of {@code handle}, which may be O_PATH. */
    int reopen(Scratch scratch, int handle, int flags) throws LinuxException, LastErrorException {
        int directory = directory(scratch);
        return Calls.openat(directory, scratch.name(handle), flags | Abi.Open.O_CLOEXEC);
    }

    /** The kernel's name for the file, at most {@link HostPath#MAXIMUM_LENGTH} bytes. */
    byte[] name(Scratch scratch, int descriptor) throws LinuxException, LastErrorException {
        int directory = directory(scratch);
        int length = (int)
                LibC.readlinkat(directory, scratch.name(descriptor), scratch.data(), HostPath.MAXIMUM_LENGTH + 1L);
        return scratch.data(length);
    }

    /** The mount through which a file was opened, if statx(2) does not have it: before Linux 5.8. */
    long mountId(Scratch scratch, int descriptor) throws LinuxException, LastErrorException {
        byte[] path = ("/proc/self/fdinfo/" + descriptor).getBytes(StandardCharsets.US_ASCII);
        int info = Calls.openat(Abi.Open.AT_FDCWD, scratch.path(path), Abi.Open.O_RDONLY | Abi.Open.O_CLOEXEC);
        try {
            int length = (int) LibC.read(info, scratch.data(), FDINFO_SIZE);
            return mountIdIn(scratch.data(length)).orElse(0);
        } finally {
            Calls.close(info);
        }
    }

    /** The number after {@code mnt_id:} in the text of an fdinfo file. */
    static OptionalInt mountIdIn(byte[] fdinfo) {
        for (String line : new String(fdinfo, StandardCharsets.US_ASCII).split("\n", -1)) {
            if (line.startsWith(new String(MOUNT_ID, StandardCharsets.US_ASCII))) {
                String number = line.substring(MOUNT_ID.length).strip();
                if (number.matches("[0-9]{1,9}")) {
                    return OptionalInt.of(Integer.parseInt(number));
                }
            }
        }
        return OptionalInt.empty();
    }
}
