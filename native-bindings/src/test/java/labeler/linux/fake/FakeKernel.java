package labeler.linux.fake;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.FileUser;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import org.jspecify.annotations.Nullable;

/** The state that all parts of the fake share, and its lock: every access is synchronized on this object. */
final class FakeKernel {
    private static final int FIRST_DESCRIPTOR = 3;

    final Faults faults = new Faults();
    final FakeMount rootMount = new FakeMount(HostPath.of("/"), 1, 0, 0x801);
    final FileTree tree = new FileTree(rootMount);
    /** The user as which each thread accesses files. */
    final ThreadLocal<FileUser> user = ThreadLocal.withInitial(() -> new FileUser(0, 0));

    /** In the order in which they were mounted. */
    final List<FakeMount> mounts = new ArrayList<>(List.of(rootMount));

    /** Grows with each mount. */
    long mountChanges;

    private final SortedMap<Integer, FakeDescriptor> descriptors = new TreeMap<>();

    FakeDescriptor open(@Nullable Inode inode, HostPath name, boolean writable) {
        int number = FIRST_DESCRIPTOR;
        while (descriptors.containsKey(number)) {
            number++;
        }
        FakeDescriptor descriptor = new FakeDescriptor(this, number, inode, name, writable);
        descriptors.put(number, descriptor);
        if (inode != null) {
            inode.opened++;
        }
        return descriptor;
    }

    void forget(FakeDescriptor descriptor) {
        descriptors.values().remove(descriptor);
        if (descriptor.inode != null) {
            descriptor.inode.opened--;
            descriptor.inode.releaseIfUnused();
        }
        notifyAll();
    }

    int openDescriptors() {
        return descriptors.size();
    }

    void closeAll() {
        for (FakeDescriptor descriptor : descriptors.values().toArray(new FakeDescriptor[0])) {
            descriptor.close();
        }
    }

    /** The file behind a descriptor, or EBADF. */
    Inode inode(String call, OpenedFile file) throws LinuxException {
        return inode(call, file.path().printable(), file.descriptor());
    }

    /** The same, but EBADF also if the file was only found. */
    Inode opened(String call, String subject, Descriptor descriptor) throws LinuxException {
        Inode inode = inode(call, subject, descriptor);
        if (descriptor instanceof FakeDescriptor fake && fake.isOfFound()) {
            throw new LinuxException(call, subject, Errno.EBADF.code());
        }
        return inode;
    }

    Inode inode(String call, String subject, Descriptor descriptor) throws LinuxException {
        // Throws if it is closed, as the real one does.
        int number = descriptor.number();
        FakeDescriptor ours = descriptors.get(number);
        if (ours == null || ours.inode == null) {
            throw new LinuxException(call, subject, Errno.EBADF.code());
        }
        return ours.inode;
    }

    @Nullable
    FakeDescriptor known(Descriptor descriptor) {
        if (descriptor instanceof FakeDescriptor fake && descriptors.containsValue(fake)) {
            return fake;
        }
        return null;
    }
}
