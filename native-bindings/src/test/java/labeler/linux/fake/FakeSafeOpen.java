package labeler.linux.fake;

import java.nio.ByteBuffer;
import java.util.Optional;
import labeler.linux.Access;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.FileUser;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.linux.Timestamp;
import labeler.linux.fake.FileTree.Last;
import labeler.linux.fake.FileTree.LinkRefused;
import labeler.linux.fake.FileTree.Place;
import labeler.linux.fake.FileTree.Refuse;

/** Opening files of the fake kernel. */
final class FakeSafeOpen implements SafeOpen {
    private final FakeKernel kernel;

    FakeSafeOpen(FakeKernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public OpenOutcome open(HostPath path, OpenRequest request) {
        return open(path, request, false);
    }

    @Override
    public OpenOutcome find(HostPath path, OpenRequest request) {
        return open(path, request, true);
    }

    private OpenOutcome open(HostPath path, OpenRequest request, boolean finds) {
        Refuse refuse = switch (request.links()) {
            case FOLLOW -> Refuse.MAGIC_LINKS;
            case NONE -> Refuse.ALL_LINKS;
        };
        try {
            kernel.faults.check("openat2", path.printable(), false);
            synchronized (kernel) {
                Inode inode = kernel.tree.find(path, Last.FOLLOW, refuse).inode();
                if (inode == null) {
                    return OpenRefusal.of(path, Errno.ENOENT.code());
                }
                if (!request.types().contains(inode.type)) {
                    return OpenRefusal.wrongType(path, inode.type);
                }
                if (finds) {
                    return found(path, inode);
                }
                if (inode.type == FileType.SOCKET) {
                    return OpenRefusal.of(path, Errno.ENXIO.code());
                }
                boolean write = request.access() != Access.READ_ONLY;
                if (write && inode.mount.isReadOnly() && inode.type == FileType.REGULAR) {
                    return OpenRefusal.of(path, Errno.EROFS.code());
                }
                if (!inode.permits(kernel.user.get(), write)) {
                    return OpenRefusal.of(path, Errno.EACCES.code());
                }
                return opened(path, inode, write);
            }
        } catch (LinkRefused e) {
            return OpenRefusal.link(path, String.valueOf(e.getMessage()));
        } catch (LinuxException e) {
            return OpenRefusal.of(path, e.code());
        }
    }

    OpenedFile opened(HostPath path, Inode inode, boolean writable) {
        HostPath name = kernel.tree.nameOf(inode);
        if (name == null) {
            throw new IllegalStateException("a file that was just found has no name: " + path);
        }
        return new OpenedFile(path, name, kernel.open(inode, path, writable), inode.status(), this::read);
    }

    OpenedFile found(HostPath path, Inode inode) {
        HostPath name = kernel.tree.nameOf(inode);
        if (name == null) {
            throw new IllegalStateException("a file that was just found has no name: " + path);
        }
        return new OpenedFile(path, name, kernel.open(inode, path, false).ofFound(), inode.status(), this::read);
    }

    private int read(Descriptor descriptor, ByteBuffer target, long position) throws LinuxException {
        String subject = descriptor instanceof FakeDescriptor fake ? fake.name.printable() : "?";
        kernel.faults.check("pread", subject, false);
        synchronized (kernel) {
            Inode inode = kernel.opened("pread", subject, descriptor);
            if (inode.type == FileType.DIRECTORY) {
                throw new LinuxException("pread", subject, Errno.EISDIR.code());
            }
            int count = (int) Math.max(0, Math.min(target.remaining(), inode.size - position));
            for (int i = 0; i < count; i++) {
                long at = position + i;
                target.put(at < inode.content.length ? inode.content[(int) at] : 0);
            }
            return count;
        }
    }

    @Override
    public OpenedFile create(HostPath path, int mode, int uid, int gid) throws LinuxException {
        kernel.faults.check("open", path.printable(), true);
        synchronized (kernel) {
            Place place = kept(path);
            if (place.inode() != null) {
                throw FileTree.failure(path, Errno.EEXIST);
            }
            FakeMount mount = place.directory().mount;
            checkRoom("open", path.printable(), mount);
            checkMaking("open", path.printable(), place.directory(), new FileUser(uid, gid));
            Inode inode = new Inode(mount, FileType.REGULAR);
            inode.mode = mode & 07777;
            inode.uid = uid;
            inode.gid = gid;
            kernel.tree.add(place, inode);
            mount.remember(() -> kernel.tree.remove(place));
            return opened(path, inode, true);
        }
    }

    @Override
    public Descriptor memory(String name) throws LinuxException {
        kernel.faults.check("memfd_create", name, false);
        synchronized (kernel) {
            return kernel.open(new Inode(kernel.rootMount, FileType.REGULAR), HostPath.of("/memfd:" + name), true);
        }
    }

    @Override
    public Descriptor reopen(OpenedFile file, Access access, boolean direct) throws LinuxException {
        kernel.faults.check("open", file.path().printable(), false);
        synchronized (kernel) {
            Inode inode = kernel.inode("open", file);
            boolean write = access != Access.READ_ONLY;
            if (write && inode.mount.isReadOnly()) {
                throw new LinuxException("open", file.path().printable(), Errno.EROFS.code());
            }
            if (!inode.permits(kernel.user.get(), write)) {
                throw new LinuxException("open", file.path().printable(), Errno.EACCES.code());
            }
            return kernel.open(inode, file.path(), write);
        }
    }

    /** A user who is not root makes files only in directories that it may write, and gives none away. */
    private void checkMaking(String call, String subject, Inode directory, FileUser owner) throws LinuxException {
        FileUser user = kernel.user.get();
        if (!directory.permits(user, true)) {
            throw new LinuxException(call, subject, Errno.EACCES.code());
        }
        boolean isRoot = user.uid() == 0 && !directory.mount.isSquashingRoot();
        if (!isRoot && !user.equals(owner)) {
            throw new LinuxException("fchown", subject, Errno.EPERM.code());
        }
    }

    static void checkRoom(String call, String subject, FakeMount mount) throws LinuxException {
        if (mount.isReadOnly()) {
            throw new LinuxException(call, subject, Errno.EROFS.code());
        }
        if (mount.isFull()) {
            throw new LinuxException(call, subject, Errno.ENOSPC.code());
        }
    }

    @Override
    public boolean unlinkIfSame(HostPath path, FileIdentity identity) throws LinuxException {
        kernel.faults.check("unlinkat", path.printable(), true);
        synchronized (kernel) {
            Place place;
            try {
                place = kept(path);
            } catch (LinuxException e) {
                return absent(e);
            }
            Inode inode = place.inode();
            if (inode == null
                    || inode.type == FileType.DIRECTORY
                    || !inode.identity().equals(identity)) {
                return false;
            }
            if (inode.mount.isReadOnly()) {
                throw new LinuxException("unlinkat", path.printable(), Errno.EROFS.code());
            }
            if (!place.directory().permits(kernel.user.get(), true)) {
                throw new LinuxException("unlinkat", path.printable(), Errno.EACCES.code());
            }
            kernel.tree.remove(place);
            inode.mount.remember(() -> {
                inode.mount.reclaimInode(inode.number);
                kernel.tree.add(place, inode);
            });
            return true;
        }
    }

    private static boolean absent(LinuxException e) throws LinuxException {
        return switch (e.errno()) {
            case ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP -> false;
            default -> throw e;
        };
    }

    @Override
    public Optional<FileStatus> look(HostPath path) throws LinuxException {
        kernel.faults.check("statx", path.printable(), false);
        synchronized (kernel) {
            try {
                return Optional.ofNullable(lookup(path).inode()).map(Inode::status);
            } catch (LinuxException e) {
                absent(e);
                return Optional.empty();
            }
        }
    }

    @Override
    public Optional<FileStatus> lookAtName(HostPath path) throws LinuxException {
        kernel.faults.check("statx", path.printable(), false);
        synchronized (kernel) {
            try {
                return Optional.ofNullable(kept(path).inode()).map(Inode::status);
            } catch (LinuxException e) {
                if (e.errno() == Errno.ELOOP) {
                    throw e;
                }
                absent(e);
                return Optional.empty();
            }
        }
    }

    @Override
    public long contentSize(OpenedFile file) throws LinuxException {
        kernel.faults.check("statx", file.path().printable(), false);
        synchronized (kernel) {
            return kernel.inode("statx", file).size;
        }
    }

    /** It is asked of files that leave a running domain alone, and their tests have real ones. */
    @Override
    public Timestamp touched(OpenedFile file) throws LinuxException {
        throw new LinuxException("statx", file.path().printable(), Errno.EOPNOTSUPP.code());
    }

    private Place lookup(HostPath path) throws LinuxException {
        try {
            return kernel.tree.find(path, Last.FOLLOW, Refuse.NOTHING);
        } catch (LinkRefused e) {
            throw new IllegalStateException("no link is refused here", e);
        }
    }

    /** The name itself; links to its directory have to be ones that are followed. */
    private Place kept(HostPath path) throws LinuxException {
        try {
            return kernel.tree.find(path, Last.KEEP, Refuse.MAGIC_LINKS);
        } catch (LinkRefused e) {
            throw FileTree.failure(path, Errno.ELOOP);
        }
    }
}
