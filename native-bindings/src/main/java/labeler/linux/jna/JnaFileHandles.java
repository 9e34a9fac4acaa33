package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.util.Optional;
import labeler.linux.Errno;
import labeler.linux.FileHandle;
import labeler.linux.FileHandles;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;

/** Handles of the kernel: name_to_handle_at(2) and open_by_handle_at(2). */
final class JnaFileHandles implements FileHandles {
    private final Calls calls;
    private final ScratchPool pool;
    private final ProcDescriptors descriptors;
    private final Opening opening;

    JnaFileHandles(Calls calls, ScratchPool pool, ProcDescriptors descriptors, Opening opening) {
        this.calls = calls;
        this.pool = pool;
        this.descriptors = descriptors;
        this.opening = opening;
    }

    @Override
    public Optional<FileHandle> of(OpenedFile file) throws LinuxException {
        int number = file.descriptor().number();
        try (Scratch scratch = pool.take()) {
            scratch.putInt(Abi.Handle.LENGTH, FileHandle.MAXIMUM_LENGTH);
            long mountId = scratch.structure() + Abi.Handle.BYTES + FileHandle.MAXIMUM_LENGTH;
            LibC.name_to_handle_at(number, scratch.emptyName(), scratch.structure(), mountId, Abi.Open.AT_EMPTY_PATH);
            int length = scratch.getInt(Abi.Handle.LENGTH);
            byte[] bytes = scratch.structure(Abi.Handle.BYTES, length);
            return Optional.of(new FileHandle(scratch.getInt(Abi.Handle.TYPE), bytes));
        } catch (LastErrorException e) {
            // EOVERFLOW is what file systems say that make handles for NFS servers alone.
            if (e.getErrorCode() == Errno.EOPNOTSUPP.code() || e.getErrorCode() == Errno.EOVERFLOW.code()) {
                return Optional.empty();
            }
            throw Calls.failure("name_to_handle_at", file.path(), e);
        }
    }

    @Override
    public Found find(FileHandle handle, FileIdentity identity, HostPath lastKnown) {
        try (Scratch scratch = pool.take()) {
            int directory = nearestDirectory(scratch, lastKnown);
            try {
                return find(scratch, directory, handle, identity, lastKnown);
            } finally {
                Calls.close(directory);
            }
        } catch (LastErrorException e) {
            return FileHandles.failed(Calls.failure("open_by_handle_at", lastKnown, e));
        } catch (LinuxException e) {
            return FileHandles.failed(e);
        }
    }

    /** Opened for real: open_by_handle_at(2) takes no O_PATH descriptor. A directory blocks nobody. */
    private int nearestDirectory(Scratch scratch, HostPath name) throws LastErrorException {
        HostPath directory = name.parent();
        while (true) {
            try {
                int flags = Abi.Open.O_RDONLY | calls.arch().openDirectory() | Abi.Open.O_CLOEXEC;
                return Calls.openat(Abi.Open.AT_FDCWD, scratch.path(directory.bytes()), flags);
            } catch (LastErrorException e) {
                HostPath above = directory.parent();
                boolean isGone = e.getErrorCode() == Errno.ENOENT.code() || e.getErrorCode() == Errno.ENOTDIR.code();
                if (!isGone || above.equals(directory)) {
                    throw e;
                }
                directory = above;
            }
        }
    }

    private Found find(Scratch scratch, int directory, FileHandle handle, FileIdentity identity, HostPath lastKnown)
            throws LinuxException, LastErrorException {
        calls.statx(scratch, directory, Abi.Open.AT_NO_AUTOMOUNT, Abi.Statx.STATX_INO);
        boolean sameFileSystem = Statuses.device(scratch) == identity.device();
        int found;
        try {
            byte[] bytes = handle.bytes();
            scratch.putInt(Abi.Handle.LENGTH, bytes.length);
            scratch.putInt(Abi.Handle.TYPE, handle.type());
            scratch.putStructure(Abi.Handle.BYTES, bytes);
            // O_PATH: what it is has to be known before it is opened.
            found = LibC.open_by_handle_at(directory, scratch.structure(), Abi.Open.O_PATH | Abi.Open.O_CLOEXEC);
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.ESTALE.code()) {
                return sameFileSystem ? new Deleted() : new Unknown("its file system is not mounted where it was");
            }
            throw e;
        }
        try {
            return opened(scratch, found, identity, lastKnown);
        } finally {
            Calls.close(found);
        }
    }

    private Found opened(Scratch scratch, int found, FileIdentity identity, HostPath lastKnown)
            throws LinuxException, LastErrorException {
        FileStatus status = opening.status(scratch, found);
        boolean named = scratch.getInt(Abi.Statx.NLINK) != 0;
        if (!status.identity().isSameFile(identity)) {
            return new Unknown("another file has its handle: its file system is not mounted where it was");
        }
        if (!named) {
            // Whoever has it open still can use it; nobody can open it by a name ever again.
            return new Deleted();
        }
        if (status.type() != FileType.REGULAR && status.type() != FileType.BLOCK_DEVICE) {
            return new Unknown("it is a " + status.type().text() + " now");
        }
        byte[] name = descriptors.name(scratch, found);
        int descriptor =
                descriptors.reopen(scratch, found, Abi.Open.O_RDONLY | Abi.Open.O_NONBLOCK | Abi.Open.O_NOCTTY);
        HostPath realPath = isName(name) ? HostPath.of(name) : lastKnown;
        return new Present(opening.opened(realPath, realPath, descriptor, status));
    }

    /** A file that nobody has looked up by name lately has none that the kernel could tell: then it is "/". */
    private static boolean isName(byte[] name) {
        return name.length > 1 && name[0] == '/';
    }
}
