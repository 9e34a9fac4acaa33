package labeler.linux.fake;

import java.util.List;
import java.util.Optional;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.ExtendedAttributes;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;

/** Extended attributes of the fake kernel's files. */
final class FakeAttributes implements ExtendedAttributes {
    private final FakeKernel kernel;

    FakeAttributes(FakeKernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public Optional<byte[]> get(OpenedFile file, AttributeName name) throws LinuxException {
        kernel.faults.check("fgetxattr", file.path().printable(), false);
        synchronized (kernel) {
            Inode inode = supported("fgetxattr", file);
            return Optional.ofNullable(inode.attributes.get(name)).map(byte[]::clone);
        }
    }

    @Override
    public void set(OpenedFile file, AttributeName name, byte[] value) throws LinuxException {
        String subject = file.path().printable();
        kernel.faults.check("fsetxattr", subject, true);
        synchronized (kernel) {
            Inode inode = kernel.inode("fsetxattr", file);
            if (value.length > MAXIMUM_VALUE_SIZE) {
                throw new LinuxException("fsetxattr", subject, Errno.E2BIG.code());
            }
            if (inode.mount.isReadOnly()) {
                throw new LinuxException("fsetxattr", subject, Errno.EROFS.code());
            }
            if (supported("fsetxattr", file).mount.refusesLabels()) {
                throw new LinuxException("fsetxattr", subject, Errno.EOPNOTSUPP.code());
            }
            FakeSafeOpen.checkRoom("fsetxattr", subject, inode.mount);
            change(inode, name, Optional.of(value));
        }
    }

    @Override
    public List<AttributeName> list(OpenedFile file) throws LinuxException {
        kernel.faults.check("flistxattr", file.path().printable(), false);
        synchronized (kernel) {
            // Without attributes the kernel's list is empty, not refused (seen on ramfs).
            return List.copyOf(kernel.inode("flistxattr", file).attributes.keySet());
        }
    }

    @Override
    public boolean remove(OpenedFile file, AttributeName name) throws LinuxException {
        String subject = file.path().printable();
        kernel.faults.check("fremovexattr", subject, true);
        synchronized (kernel) {
            Inode inode = kernel.inode("fremovexattr", file);
            if (inode.mount.isReadOnly()) {
                throw new LinuxException("fremovexattr", subject, Errno.EROFS.code());
            }
            supported("fremovexattr", file);
            if (!inode.attributes.containsKey(name)) {
                return false;
            }
            change(inode, name, Optional.empty());
            return true;
        }
    }

    private Inode supported(String call, OpenedFile file) throws LinuxException {
        Inode inode = kernel.inode(call, file);
        if (!inode.mount.hasAttributes()) {
            throw new LinuxException(call, file.path().printable(), Errno.EOPNOTSUPP.code());
        }
        return inode;
    }

    private static void change(Inode inode, AttributeName name, Optional<byte[]> value) {
        Optional<byte[]> before = Optional.ofNullable(inode.attributes.get(name));
        inode.mount.remember(() -> put(inode, name, before));
        put(inode, name, value.map(byte[]::clone));
    }

    private static void put(Inode inode, AttributeName name, Optional<byte[]> value) {
        value.ifPresentOrElse(v -> inode.attributes.put(name, v), () -> inode.attributes.remove(name));
    }
}
