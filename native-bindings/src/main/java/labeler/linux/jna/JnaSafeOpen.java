package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import labeler.linux.Access;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenRequest.Links;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.linux.Timestamp;

/**
 * Opens in three steps: find the file ({@code O_PATH}), look at it, open the same file through /proc/self/fd. The type
 * is known before anything is opened, and the file cannot be another in between: the first descriptor holds it.
 */
final class JnaSafeOpen implements SafeOpen {
    /** The suffix that the kernel adds to the name of a file that has lost it (d_path of fs/d_path.c). */
    private static final byte[] DELETED = " (deleted)".getBytes(StandardCharsets.US_ASCII);

    private final Calls calls;
    private final ScratchPool pool;
    private final Resolver resolver;
    private final ProcDescriptors descriptors;
    private final Opening opening;

    JnaSafeOpen(Calls calls, ScratchPool pool, Resolver resolver, ProcDescriptors descriptors, Opening opening) {
        this.calls = calls;
        this.pool = pool;
        this.resolver = resolver;
        this.descriptors = descriptors;
        this.opening = opening;
    }

    @Override
    public OpenOutcome open(HostPath path, OpenRequest request) {
        return found(path, request, (scratch, handle) -> openFound(scratch, handle, path, request));
    }

    @Override
    public OpenOutcome find(HostPath path, OpenRequest request) {
        return found(path, request, (scratch, handle) -> hold(scratch, handle, path, request));
    }

    /** The action on a file that was found; its descriptor is closed afterwards, unless the outcome is that very descriptor. */
    @FunctionalInterface
    private interface Step {
        OpenOutcome take(Scratch scratch, int handle) throws LinuxException, LastErrorException;
    }

    private OpenOutcome found(HostPath path, OpenRequest request, Step step) {
        if (path.length() > HostPath.MAXIMUM_LENGTH) {
            return OpenRefusal.of(path, Errno.ENAMETOOLONG.code());
        }
        try (Scratch scratch = pool.take()) {
            int handle = resolver.find(scratch, path.bytes(), request.links());
            boolean kept = false;
            try {
                OpenOutcome outcome = step.take(scratch, handle);
                kept = outcome instanceof OpenedFile file && file.descriptor().number() == handle;
                return outcome;
            } finally {
                if (!kept) {
                    Calls.close(handle);
                }
            }
        } catch (LinkRefused e) {
            return OpenRefusal.link(path, e.detail());
        } catch (LastErrorException e) {
            return OpenRefusal.of(path, e.getErrorCode());
        } catch (LinuxException e) {
            return OpenRefusal.of(path, e.code());
        }
    }

    private Optional<OpenRefusal> unwanted(Scratch scratch, int handle, HostPath path, OpenRequest request)
            throws LastErrorException {
        // Type and number of an inode never change, so the cache of a network file system is good enough.
        calls.statx(
                scratch,
                handle,
                Abi.Open.AT_STATX_DONT_SYNC | Abi.Open.AT_NO_AUTOMOUNT,
                Abi.Statx.STATX_TYPE | Abi.Statx.STATX_INO);
        FileType type = Statuses.type(scratch);
        if (!request.types().contains(type)) {
            return Optional.of(OpenRefusal.wrongType(path, type));
        }
        // A file system on a block device of its own stores its files.
        boolean maybePseudo = type == FileType.REGULAR && scratch.getInt(Abi.Statx.DEV_MAJOR) == 0;
        Optional<PseudoFileSystem> pseudo = maybePseudo ? pseudoFileSystem(handle) : Optional.empty();
        return pseudo.map(kernels -> new OpenRefusal(
                path,
                OpenRefusal.Reason.WRONG_TYPE,
                "belongs to the kernel (" + kernels.name().toLowerCase(Locale.ROOT) + "), and stores nothing"));
    }

    private OpenOutcome hold(Scratch scratch, int handle, HostPath path, OpenRequest request)
            throws LinuxException, LastErrorException {
        Optional<OpenRefusal> unwanted = unwanted(scratch, handle, path, request);
        if (unwanted.isPresent()) {
            return unwanted.get();
        }
        FileStatus status = opening.status(scratch, handle);
        boolean named = scratch.getInt(Abi.Statx.NLINK) != 0;
        byte[] name = descriptors.name(scratch, handle);
        if (!named || !isReachable(scratch, name, status.identity())) {
            return new OpenRefusal(path, OpenRefusal.Reason.CHANGED, "lost its name while being looked at");
        }
        return opening.found(path, HostPath.of(name), handle, status);
    }

    private OpenOutcome openFound(Scratch scratch, int handle, HostPath path, OpenRequest request)
            throws LinuxException, LastErrorException {
        Optional<OpenRefusal> unwanted = unwanted(scratch, handle, path, request);
        if (unwanted.isPresent()) {
            return unwanted.get();
        }
        FileType type = Statuses.type(scratch);
        long device = Statuses.device(scratch);
        long inode = scratch.getLong(Abi.Statx.INO);
        if (request.locked().contains(new FileIdentity(device, inode, Optional.empty()))) {
            return new OpenRefusal(path, OpenRefusal.Reason.WRONG_TYPE, "is a file that labeler has locked");
        }
        int access = flags(request.access());
        int descriptor = descriptors.reopen(scratch, handle, access | Abi.Open.O_NONBLOCK | Abi.Open.O_NOCTTY);
        boolean kept = false;
        try {
            if (type == FileType.REGULAR || type == FileType.BLOCK_DEVICE) {
                // Only the open itself must not wait (for a lease). If the flag stays on, io_uring fails with EAGAIN.
                LibC.fcntl(descriptor, Abi.Open.F_SETFL, access);
            }
            FileStatus status = opening.status(scratch, descriptor);
            if (status.identity().device() != device || status.identity().inode() != inode) {
                return new OpenRefusal(path, OpenRefusal.Reason.CHANGED, "became another file while being opened");
            }
            boolean named = scratch.getInt(Abi.Statx.NLINK) != 0;
            // The handle is asked, since the kernel still has its entry in /proc/self/fd from the reopening.
            byte[] name = descriptors.name(scratch, handle);
            if (!named || !isReachable(scratch, name, status.identity())) {
                return new OpenRefusal(path, OpenRefusal.Reason.CHANGED, "lost its name while being opened");
            }
            kept = true;
            return opening.opened(path, HostPath.of(name), descriptor, status);
        } finally {
            if (!kept) {
                Calls.close(descriptor);
            }
        }
    }

    private static int flags(Access access) {
        return switch (access) {
            case READ_ONLY -> Abi.Open.O_RDONLY;
            case READ_WRITE -> Abi.Open.O_RDWR;
            case WRITE_ONLY -> Abi.Open.O_WRONLY;
        };
    }

    @Override
    public Descriptor reopen(OpenedFile file, Access access, boolean direct) throws LinuxException {
        int flags = flags(access) | (direct ? calls.arch().openDirect() : 0);
        try (Scratch scratch = pool.take()) {
            // As in the first open: a lease on the file must not make the open wait, and qemu must not get the flag.
            int descriptor = descriptors.reopen(
                    scratch, file.descriptor().number(), flags | Abi.Open.O_NONBLOCK | Abi.Open.O_NOCTTY);
            OwnedDescriptor reopened = new OwnedDescriptor(descriptor);
            boolean kept = false;
            try {
                LibC.fcntl(descriptor, Abi.Open.F_SETFL, flags);
                kept = true;
                return reopened;
            } finally {
                if (!kept) {
                    reopened.close();
                }
            }
        } catch (LastErrorException e) {
            throw Calls.failure("open", file.path(), e);
        }
    }

    /** fstatfs works on O_PATH descriptors since Linux 3.12. */
    private Optional<PseudoFileSystem> pseudoFileSystem(int handle) throws LastErrorException {
        try (Scratch scratch = pool.take()) {
            LibC.fstatfs(handle, scratch.structure());
            return PseudoFileSystem.of(scratch.getLong(Abi.StatFs.TYPE));
        }
    }

    /**
     * Whether the kernel's name for an open file leads to it. The kernel marks a lost name by a suffix that an ordinary
     * name may have as well, so a name with it is looked up. A name outside of this process's root does not start with
     * a slash.
     */
    private boolean isReachable(Scratch scratch, byte[] name, FileIdentity identity) throws LastErrorException {
        if (name.length == 0 || name[0] != '/') {
            return false;
        }
        boolean suffixed = name.length >= DELETED.length
                && Arrays.equals(name, name.length - DELETED.length, name.length, DELETED, 0, DELETED.length);
        if (!suffixed) {
            return true;
        }
        try {
            calls.statx(
                    scratch,
                    Abi.Open.AT_FDCWD,
                    scratch.path(name),
                    Abi.Open.AT_SYMLINK_NOFOLLOW | Abi.Open.AT_NO_AUTOMOUNT,
                    Opening.WANTED);
        } catch (LastErrorException e) {
            if (isNothing(e.getErrorCode())) {
                return false;
            }
            throw e;
        }
        return Statuses.identity(scratch).equals(identity);
    }

    /** The directory part of a path, held open, and the last component. */
    private record Parent(int directory, HostPath name) implements AutoCloseable {
        @Override
        public void close() {
            Calls.close(directory);
        }
    }

    private Parent parent(Scratch scratch, String call, HostPath path) throws LinuxException, LastErrorException {
        byte[] bytes = path.bytes();
        int slash = bytes.length - 1;
        while (slash >= 0 && bytes[slash] != '/') {
            slash--;
        }
        byte[] name = Arrays.copyOfRange(bytes, slash + 1, bytes.length);
        if (name.length == 0 || path.length() > HostPath.MAXIMUM_LENGTH) {
            Errno errno = name.length == 0 ? Errno.EISDIR : Errno.ENAMETOOLONG;
            throw new LinuxException(call, path.printable(), errno.code());
        }
        try {
            return new Parent(resolver.find(scratch, path.parent().bytes(), Links.FOLLOW), HostPath.of(name));
        } catch (LinkRefused e) {
            throw new LinuxException(call, path.printable(), Errno.ELOOP.code());
        }
    }

    @Override
    public OpenedFile create(HostPath path, int mode, int uid, int gid) throws LinuxException {
        try (Scratch scratch = pool.take();
                Parent parent = parent(scratch, "open", path)) {
            int flags = Abi.Open.O_RDWR
                    | Abi.Open.O_CREAT
                    | Abi.Open.O_EXCL
                    | Abi.Open.O_CLOEXEC
                    | calls.arch().openNoFollow();
            long name = scratch.path(parent.name().bytes());
            // Nobody has permission until the file has its final owner.
            int descriptor = (int) Calls.retrying(() -> LibC.openat(parent.directory(), name, flags, 0));
            boolean kept = false;
            try {
                LibC.fchown(descriptor, uid, gid);
                LibC.fchmod(descriptor, mode & 07777);
                FileStatus status = opening.status(scratch, descriptor);
                HostPath realPath = HostPath.of(descriptors.name(scratch, descriptor));
                OpenedFile created = opening.opened(path, realPath, descriptor, status);
                kept = true;
                return created;
            } finally {
                if (!kept) {
                    Calls.close(descriptor);
                    LibC.unlinkat(parent.directory(), scratch.path(parent.name().bytes()), 0);
                }
            }
        } catch (LastErrorException e) {
            throw Calls.failure("open", path, e);
        }
    }

    @Override
    public Descriptor memory(String name) throws LinuxException {
        try (Scratch scratch = pool.take()) {
            long address = scratch.path(name.getBytes(StandardCharsets.UTF_8));
            return new OwnedDescriptor(LibC.memfd_create(address, Abi.Open.MFD_CLOEXEC));
        } catch (LastErrorException e) {
            throw Calls.failure("memfd_create", name, e);
        }
    }

    @Override
    public boolean unlinkIfSame(HostPath path, FileIdentity identity) throws LinuxException {
        try (Scratch scratch = pool.take();
                Parent parent = parent(scratch, "unlinkat", path)) {
            long name = scratch.path(parent.name().bytes());
            calls.statx(
                    scratch,
                    parent.directory(),
                    name,
                    Abi.Open.AT_SYMLINK_NOFOLLOW | Abi.Open.AT_NO_AUTOMOUNT,
                    Opening.WANTED);
            if (Statuses.type(scratch) == FileType.DIRECTORY
                    || !Statuses.identity(scratch).equals(identity)) {
                return false;
            }
            LibC.unlinkat(parent.directory(), name, 0);
            return true;
        } catch (LastErrorException e) {
            if (isNothing(e.getErrorCode())) {
                return false;
            }
            throw Calls.failure("unlinkat", path, e);
        }
    }

    @Override
    public Optional<FileStatus> look(HostPath path) throws LinuxException {
        if (path.length() > HostPath.MAXIMUM_LENGTH) {
            return Optional.empty();
        }
        try (Scratch scratch = pool.take()) {
            long name = scratch.path(path.bytes());
            long result = Calls.result(() ->
                    LibC.statx(Abi.Open.AT_FDCWD, name, Abi.Open.AT_NO_AUTOMOUNT, Opening.WANTED, scratch.structure()));
            if (result == 0) {
                return Optional.of(
                        Statuses.status(scratch, Statuses.hasMountId(scratch) ? Statuses.mountId(scratch) : 0));
            }
            int code = (int) -result;
            if (isNothing(code)) {
                return Optional.empty();
            }
            throw new LinuxException("statx", path.printable(), code);
        }
    }

    @Override
    public Optional<FileStatus> lookAtName(HostPath path) throws LinuxException {
        try (Scratch scratch = pool.take();
                Parent parent = parent(scratch, "statx", path)) {
            calls.statx(
                    scratch,
                    parent.directory(),
                    scratch.path(parent.name().bytes()),
                    Abi.Open.AT_SYMLINK_NOFOLLOW | Abi.Open.AT_NO_AUTOMOUNT,
                    Opening.WANTED);
            return Optional.of(Statuses.status(scratch, Statuses.hasMountId(scratch) ? Statuses.mountId(scratch) : 0));
        } catch (LastErrorException e) {
            if (isNothing(e.getErrorCode())) {
                return Optional.empty();
            }
            throw Calls.failure("statx", path, e);
        }
    }

    /** The errnos of a name that leads nowhere. */
    private static boolean isNothing(int code) {
        return OpenRefusal.of(HostPath.of("/"), code).reason() == OpenRefusal.Reason.MISSING;
    }

    @Override
    public long contentSize(OpenedFile file) throws LinuxException {
        int number = file.descriptor().number();
        try (Scratch scratch = pool.take()) {
            if (file.status().type() == FileType.BLOCK_DEVICE) {
                LibC.ioctl(number, Abi.Ioctl.BLKGETSIZE64, scratch.structure());
                return scratch.getLong(0);
            }
            calls.statx(scratch, number, 0, Opening.WANTED);
            return scratch.getLong(Abi.Statx.FILE_SIZE);
        } catch (LastErrorException e) {
            throw Calls.failure("statx", file.path(), e);
        }
    }

    @Override
    public Timestamp touched(OpenedFile file) throws LinuxException {
        try (Scratch scratch = pool.take()) {
            calls.statx(scratch, file.descriptor().number(), 0, Opening.WANTED);
            return new Timestamp(scratch.getLong(Abi.Statx.CTIME_SECONDS), scratch.getInt(Abi.Statx.CTIME_NANOSECONDS));
        } catch (LastErrorException e) {
            throw Calls.failure("statx", file.path(), e);
        }
    }
}
