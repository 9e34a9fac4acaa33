package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import labeler.linux.Errno;
import labeler.linux.FileHandle;
import labeler.linux.FileHandles;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;

/** The kernel's file handles: name_to_handle_at(2) and open_by_handle_at(2). */
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
            // File systems that make handles only for NFS servers answer EOVERFLOW.
            if (e.getErrorCode() == Errno.EOPNOTSUPP.code() || e.getErrorCode() == Errno.EOVERFLOW.code()) {
                return Optional.empty();
            }
            throw Calls.failure("name_to_handle_at", file.path(), e);
        }
    }

    @Override
    public Found find(FileHandle handle, FileIdentity identity, HostPath lastKnown) {
        Set<Long> asked = new HashSet<>();
        Optional<Found> answer = Optional.empty();
        HostPath directory = lastKnown;
        do {
            directory = directory.parent();
            Optional<Found> found = find(handle, identity, lastKnown, directory, asked);
            if (found.isPresent() && (found.get() instanceof Present || found.get() instanceof Deleted)) {
                return found.get();
            }
            // An obstacle may hide the file; otherwise the nearest directory is the most likely place.
            boolean isObstacle = found.isPresent() && found.get() instanceof Failed;
            boolean isFirst = answer.isEmpty() || (isObstacle && !(answer.get() instanceof Failed));
            answer = isFirst ? found : answer;
        } while (!directory.equals(directory.parent()));
        return answer.orElseGet(() -> new Unknown("no directory above it is there"));
    }

    @Override
    public Found find(FileHandle handle, OpenedFile directory, HostPath lastKnown) {
        try (Scratch scratch = pool.take()) {
            int open = opened(scratch, directory.realPath());
            try {
                return opening.status(scratch, open).identity().isSameFile(directory.identity())
                        ? find(scratch, open, true, handle, Optional.empty(), lastKnown)
                        : new Unknown("another directory has the name of " + directory.path());
            } finally {
                Calls.close(open);
            }
        } catch (LastErrorException e) {
            return FileHandles.failed(Calls.failure("open_by_handle_at", directory.path(), e));
        } catch (LinuxException e) {
            return FileHandles.failed(e);
        }
    }

    /** Opened for real: open_by_handle_at(2) takes no O_PATH descriptor. A directory blocks nobody. */
    private int opened(Scratch scratch, HostPath directory) throws LastErrorException {
        int flags = Abi.Open.O_RDONLY | calls.arch().openDirectory() | Abi.Open.O_CLOEXEC;
        return Calls.openat(Abi.Open.AT_FDCWD, scratch.path(directory.bytes()), flags);
    }

    /** Asks the file system of this directory once; empty if it was asked before, or if there is no such directory. */
    private Optional<Found> find(
            FileHandle handle, FileIdentity identity, HostPath lastKnown, HostPath directory, Set<Long> asked) {
        try (Scratch scratch = pool.take()) {
            int open = opened(scratch, directory);
            try {
                calls.statx(scratch, open, Abi.Open.AT_NO_AUTOMOUNT, Abi.Statx.STATX_INO);
                long device = Statuses.device(scratch);
                return asked.add(device)
                        ? Optional.of(find(
                                scratch, open, device == identity.device(), handle, Optional.of(identity), lastKnown))
                        : Optional.empty();
            } finally {
                Calls.close(open);
            }
        } catch (LastErrorException e) {
            boolean isGone = e.getErrorCode() == Errno.ENOENT.code() || e.getErrorCode() == Errno.ENOTDIR.code();
            return isGone
                    ? Optional.empty()
                    : Optional.of(FileHandles.failed(Calls.failure("open_by_handle_at", directory, e)));
        } catch (LinuxException e) {
            return Optional.of(FileHandles.failed(e));
        }
    }

    private Found find(
            Scratch scratch,
            int directory,
            boolean isRecorded,
            FileHandle handle,
            Optional<FileIdentity> identity,
            HostPath lastKnown)
            throws LinuxException, LastErrorException {
        int found;
        try {
            byte[] bytes = handle.bytes();
            scratch.putInt(Abi.Handle.LENGTH, bytes.length);
            scratch.putInt(Abi.Handle.TYPE, handle.type());
            scratch.putStructure(Abi.Handle.BYTES, bytes);
            // O_PATH: so neither a lease nor a driver prevents it.
            found = LibC.open_by_handle_at(directory, scratch.structure(), Abi.Open.O_PATH | Abi.Open.O_CLOEXEC);
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.ESTALE.code()) {
                return isRecorded ? new Deleted() : new Unknown("its file system is not mounted where it was");
            }
            throw e;
        }
        boolean kept = false;
        try {
            Found answer = held(scratch, found, identity, lastKnown);
            kept = answer instanceof Present;
            return answer;
        } finally {
            if (!kept) {
                Calls.close(found);
            }
        }
    }

    private Found held(Scratch scratch, int found, Optional<FileIdentity> identity, HostPath lastKnown)
            throws LinuxException, LastErrorException {
        FileStatus status = opening.status(scratch, found);
        boolean named = scratch.getInt(Abi.Statx.NLINK) != 0;
        if (identity.filter(one -> !status.identity().isSameFile(one)).isPresent()) {
            return new Unknown("another file has its handle: its file system is not mounted where it was");
        }
        if (!named) {
            // A process that has it open can still use it; no process can open it by a name again.
            return new Deleted();
        }
        if (!OpenRequest.RECORDED_OBJECT.types().contains(status.type())) {
            return new Unknown("it is a " + status.type().text() + " now");
        }
        byte[] name = descriptors.name(scratch, found);
        HostPath realPath = isName(name) ? HostPath.of(name) : lastKnown;
        return new Present(opening.found(realPath, realPath, found, status));
    }

    /** If no process has looked the file up by name lately, the kernel knows no name for it: then it is "/". */
    private static boolean isName(byte[] name) {
        return name.length > 1 && name[0] == '/';
    }
}
