package labeler.linux.fake;

import java.util.List;
import java.util.Optional;
import labeler.linux.Errno;
import labeler.linux.FileIdentity;
import labeler.linux.FileSystemStatus;
import labeler.linux.FileSystems;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.OpenedFile;

/** Mounts of the fake kernel. */
final class FakeFileSystems implements FileSystems {
    private final FakeKernel kernel;

    FakeFileSystems(FakeKernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public FileSystemStatus status(OpenedFile file) throws LinuxException {
        kernel.faults.check("fstatfs", file.path().printable(), false);
        synchronized (kernel) {
            return kernel.inode("fstatfs", file).mount.status();
        }
    }

    /** It is asked for on a cluster's hosts alone, and its tests have real ones. */
    @Override
    public byte[] uuid(OpenedFile file) {
        return new byte[0];
    }

    @Override
    public void refresh(OpenedFile file) throws LinuxException {
        synchronized (kernel) {
            Inode inode = kernel.inode("statx", file);
            inode.attributes.putAll(inode.elsewhere);
            inode.elsewhere.clear();
        }
    }

    @Override
    public Optional<Mount> mount(OpenedFile file) throws LinuxException {
        kernel.faults.check("mountinfo", file.path().printable(), false);
        synchronized (kernel) {
            return Optional.of(kernel.inode("mountinfo", file).mount.mount());
        }
    }

    @Override
    public List<Mount> mounts() throws LinuxException {
        kernel.faults.check("mountinfo", "/proc/self/mountinfo", false);
        synchronized (kernel) {
            return kernel.mounts.stream().map(FakeMount::mount).toList();
        }
    }

    @Override
    public List<Mount> mounts(long device) throws LinuxException {
        kernel.faults.check("mountinfo", Long.toString(device), false);
        synchronized (kernel) {
            return kernel.tree.mounts().stream()
                    .filter(mount -> mount.device() == device)
                    .map(FakeMount::mount)
                    .toList();
        }
    }

    @Override
    public long mountChanges() throws LinuxException {
        kernel.faults.check("poll", "/proc/self/mountinfo", false);
        synchronized (kernel) {
            return kernel.mountChanges;
        }
    }

    /** There are no loop devices. */
    @Override
    public Optional<FileIdentity> behindLoop(OpenedFile device) throws LinuxException {
        throw new LinuxException("ioctl", device.path().printable(), Errno.ENOTTY.code());
    }

    @Override
    public void sync(OpenedFile file) throws LinuxException {
        kernel.faults.check("syncfs", file.path().printable(), true);
        synchronized (kernel) {
            kernel.opened("syncfs", file.path().printable(), file.descriptor())
                    .mount
                    .sync();
        }
    }
}
