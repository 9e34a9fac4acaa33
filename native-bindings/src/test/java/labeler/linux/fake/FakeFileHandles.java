package labeler.linux.fake;

import java.nio.ByteBuffer;
import java.util.Optional;
import labeler.linux.FileHandle;
import labeler.linux.FileHandles;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.fake.FileTree.Last;
import labeler.linux.fake.FileTree.LinkRefused;
import labeler.linux.fake.FileTree.Refuse;
import org.jspecify.annotations.Nullable;

/** Handles of inode number and generation, as those of ext4 are. */
final class FakeFileHandles implements FileHandles {
    private static final int INODE_AND_GENERATION = 1;

    private final FakeKernel kernel;
    private final FakeSafeOpen open;

    FakeFileHandles(FakeKernel kernel, FakeSafeOpen open) {
        this.kernel = kernel;
        this.open = open;
    }

    @Override
    public Optional<FileHandle> of(OpenedFile file) throws LinuxException {
        kernel.faults.check("name_to_handle_at", file.path().printable(), false);
        synchronized (kernel) {
            Inode inode = kernel.inode("name_to_handle_at", file);
            return inode.mount.hasHandles() ? Optional.of(handle(inode)) : Optional.empty();
        }
    }

    private static FileHandle handle(Inode inode) {
        byte[] bytes = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(inode.number)
                .putLong(inode.generation)
                .array();
        return new FileHandle(INODE_AND_GENERATION, bytes);
    }

    @Override
    public Found find(FileHandle handle, FileIdentity identity, HostPath lastKnown) {
        try {
            kernel.faults.check("open_by_handle_at", lastKnown.printable(), false);
            synchronized (kernel) {
                return found(handle, identity, lastKnown);
            }
        } catch (LinuxException e) {
            return FileHandles.failed(e);
        }
    }

    @Override
    public Found find(FileHandle handle, OpenedFile directory, HostPath lastKnown) {
        try {
            kernel.faults.check("open_by_handle_at", directory.path().printable(), false);
            synchronized (kernel) {
                FakeMount mount = kernel.inode("open_by_handle_at", directory).mount;
                return found(mount, handle, Optional.empty(), lastKnown).orElseGet(Deleted::new);
            }
        } catch (LinuxException e) {
            return FileHandles.failed(e);
        }
    }

    private Found found(FileHandle handle, FileIdentity identity, HostPath lastKnown) {
        Optional<Found> answer = Optional.empty();
        HostPath directory = lastKnown;
        do {
            directory = directory.parent();
            Optional<Found> found = mountOf(directory).map(mount -> found(mount, handle, identity, lastKnown));
            if (found.isPresent() && !(found.get() instanceof Unknown)) {
                return found.get();
            }
            answer = answer.isPresent() ? answer : found;
        } while (!directory.equals(directory.parent()));
        return answer.orElseThrow();
    }

    private Found found(FakeMount mount, FileHandle handle, FileIdentity identity, HostPath lastKnown) {
        return found(mount, handle, Optional.of(identity), lastKnown)
                .orElseGet(() -> mount.device() == identity.device()
                        ? new Deleted()
                        : new Unknown("its file system is not mounted where it was"));
    }

    /** Empty if nothing on the mount has the handle. */
    private Optional<Found> found(
            FakeMount mount, FileHandle handle, Optional<FileIdentity> identity, HostPath lastKnown) {
        Inode inode = below(kernel.tree.root(), mount, handle);
        if (inode == null) {
            return Optional.empty();
        }
        if (identity.filter(one -> !inode.identity().isSameFile(one)).isPresent()) {
            return Optional.of(new Unknown("another file has its handle"));
        }
        if (!OpenRequest.RECORDED_OBJECT.types().contains(inode.type)) {
            return Optional.of(new Unknown("it is a " + inode.type.text() + " now"));
        }
        HostPath name = kernel.tree.nameOf(inode);
        return Optional.of(new Present(open.found(name == null ? lastKnown : name, inode)));
    }

    private Optional<FakeMount> mountOf(HostPath directory) {
        try {
            return Optional.ofNullable(kernel.tree
                            .find(directory, Last.FOLLOW, Refuse.NOTHING)
                            .inode())
                    .map(inode -> inode.mount);
        } catch (LinuxException e) {
            return Optional.empty();
        } catch (LinkRefused e) {
            throw new IllegalStateException("no link is refused here", e);
        }
    }

    private static @Nullable Inode below(Inode directory, FakeMount mount, FileHandle handle) {
        for (Inode child : directory.children.values()) {
            if (child.mount == mount && handle(child).equals(handle)) {
                return child;
            }
            Inode found = below(child, mount, handle);
            if (found != null) {
                return found;
            }
        }
        return null;
    }
}
