package labeler.linux.fake;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import labeler.linux.AttributeName;
import labeler.linux.DirectoryEntries;
import labeler.linux.Errno;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.Timestamp;

/** Directories of the fake kernel. */
final class FakeDirectoryEntries implements DirectoryEntries {
    private final FakeKernel kernel;

    FakeDirectoryEntries(FakeKernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public List<Entry> list(OpenedFile directory, int most) throws LinuxException {
        kernel.faults.check("getdents64", directory.path().printable(), false);
        synchronized (kernel) {
            List<Entry> entries = new ArrayList<>();
            inode(directory).children.forEach((name, inode) -> entries.add(new Entry(name, Optional.of(inode.type))));
            if (entries.size() > most) {
                throw new LinuxException("getdents64", directory.path().printable(), Errno.E2BIG.code());
            }
            return entries;
        }
    }

    @Override
    public Listing read(OpenedFile directory) throws LinuxException {
        Iterator<Entry> entries = list(directory, Integer.MAX_VALUE).iterator();
        return new Listing() {
            @Override
            public Optional<Entry> next() {
                return entries.hasNext() ? Optional.of(entries.next()) : Optional.empty();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public boolean hasStill(OpenedFile directory, HostPath name, OpenedFile found) throws LinuxException {
        kernel.faults.check("readlink", found.path().printable(), false);
        synchronized (kernel) {
            return inode(directory).children.get(name) == kernel.inode("readlink", found);
        }
    }

    @Override
    public Optional<Child> find(OpenedFile directory, HostPath name) throws LinuxException {
        HostPath path = directory.path().child(name.bytes());
        kernel.faults.check("openat", path.printable(), false);
        synchronized (kernel) {
            Inode inode = inode(directory).children.get(name);
            if (inode == null) {
                return Optional.empty();
            }
            OpenedFile file =
                    new OpenedFile(path, path, kernel.open(inode, path, false).ofFound(), inode.status(), (_, _, _) -> {
                        throw new LinuxException("pread", path.printable(), Errno.EBADF.code());
                    });
            int links = links(kernel.tree.root(), inode);
            return Optional.of(new Child(file, links, new Timestamp(links, 0)));
        }
    }

    private static int links(Inode directory, Inode wanted) {
        int links = 0;
        for (Inode child : directory.children.values()) {
            links += (child == wanted ? 1 : 0) + links(child, wanted);
        }
        return links;
    }

    @Override
    public Optional<byte[]> attribute(OpenedFile directory, HostPath name, AttributeName attribute)
            throws LinuxException {
        HostPath path = directory.path().child(name.bytes());
        kernel.faults.check("lgetxattr", path.printable(), false);
        synchronized (kernel) {
            Inode inode = inode(directory).children.get(name);
            return inode == null || !inode.mount.hasAttributes()
                    ? Optional.empty()
                    : Optional.ofNullable(inode.attributes.get(attribute)).map(byte[]::clone);
        }
    }

    private Inode inode(OpenedFile directory) throws LinuxException {
        Inode inode = kernel.inode("getdents64", directory);
        if (inode.type != FileType.DIRECTORY) {
            throw new LinuxException("getdents64", directory.path().printable(), Errno.ENOTDIR.code());
        }
        return inode;
    }
}
