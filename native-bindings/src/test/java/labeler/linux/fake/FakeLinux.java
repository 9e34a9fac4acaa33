package labeler.linux.fake;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.fake.FileTree.Last;
import labeler.linux.fake.FileTree.LinkRefused;
import labeler.linux.fake.FileTree.Place;
import labeler.linux.fake.FileTree.Refuse;

/**
 * A kernel in memory. Tests lay out files, mounts and processes, hand {@link #linux()} to the code under test, change
 * things behind its back, and ask for the state afterwards. The {@link Faults} do not affect calls of tests on this
 * class itself, and such calls are not recorded. Directories on the way to a new file are made as needed.
 *
 * <p>Thread-safe.
 */
public final class FakeLinux {
    /** The fate of changes that were only in memory when the power went off. */
    public enum Unsynced {
        KEPT,
        LOST
    }

    private final FakeKernel kernel = new FakeKernel();
    private final FakeProcesses processes = new FakeProcesses(kernel);
    private final FakeExec exec = new FakeExec(kernel);
    private final FakeSockets sockets = new FakeSockets(kernel);
    private final Map<HostPath, FakeMount> mounts = new HashMap<>(Map.of(HostPath.of("/"), kernel.rootMount));
    private final FakeSafeOpen open = new FakeSafeOpen(kernel);
    private final Linux linux = new Linux(
            open,
            new FakeFileHandles(kernel, open),
            new FakeAttributes(kernel),
            new FakeFileSystems(kernel),
            new FakeDirectoryEntries(kernel),
            processes,
            exec,
            sockets,
            new FakeFileUsers(kernel));

    /** The kernel for the code under test. */
    public Linux linux() {
        return linux;
    }

    public Faults faults() {
        return kernel.faults;
    }

    public FakeProcesses processes() {
        return processes;
    }

    public FakeExec exec() {
        return exec;
    }

    public FakeSockets sockets() {
        return sockets;
    }

    /** A new file system at this directory, which is made if needed. */
    public FakeMount mount(String path) {
        synchronized (kernel) {
            HostPath point = HostPath.of(path);
            Place place = placeFor(point);
            Inode below = place.inode() == null ? place.directory() : place.inode();
            int number = kernel.mounts.size() + 1;
            FakeMount mount = new FakeMount(point, number, below.mount.id(), 0x800L + number);
            mounts.put(point, mount);
            kernel.mounts.add(mount);
            kernel.mountChanges++;
            if (place.inode() != null) {
                kernel.tree.remove(place);
            }
            Inode root = new Inode(mount, FileType.DIRECTORY);
            root.mode = 0755;
            kernel.tree.add(place, root);
            return mount;
        }
    }

    /** The root file system. */
    public FakeMount rootMount() {
        return kernel.rootMount;
    }

    public void directory(String path) {
        make(HostPath.of(path), FileType.DIRECTORY);
    }

    public void file(String path, byte[] content) {
        file(HostPath.of(path), content);
    }

    /** A new regular file; it replaces an existing one (see {@link #write} to change that). */
    public void file(HostPath path, byte[] content) {
        synchronized (kernel) {
            Inode inode = make(path, FileType.REGULAR);
            inode.content = content.clone();
            inode.size = content.length;
        }
    }

    /** A regular file of zeros, of any size. */
    public void sparseFile(String path, long size) {
        synchronized (kernel) {
            make(HostPath.of(path), FileType.REGULAR).size = size;
        }
    }

    /** Changes the content of an existing file: it stays the same file. */
    public void write(String path, byte[] content) {
        synchronized (kernel) {
            Inode inode = existing(HostPath.of(path));
            inode.content = content.clone();
            inode.size = content.length;
        }
    }

    public void owner(String path, int uid, int gid, int mode) {
        synchronized (kernel) {
            Inode inode = existing(HostPath.of(path));
            inode.uid = uid;
            inode.gid = gid;
            inode.mode = mode;
        }
    }

    /** Gives away a symbolic link itself. */
    public void linkOwner(HostPath path, int uid, int gid) {
        synchronized (kernel) {
            Inode link = find(path, Last.KEEP).inode();
            if (link == null) {
                throw new IllegalArgumentException("nothing is at " + path);
            }
            link.uid = uid;
            link.gid = gid;
        }
    }

    public void symbolicLink(String path, String target) {
        symbolicLink(HostPath.of(path), HostPath.of(target));
    }

    public void symbolicLink(HostPath path, HostPath target) {
        synchronized (kernel) {
            make(path, FileType.SYMBOLIC_LINK).target = target;
        }
    }

    /** A link such as /proc/self/fd/3, which leads to a file and not to a name. */
    public void magicLink(String path, String file) {
        synchronized (kernel) {
            Inode target = existing(HostPath.of(file));
            make(HostPath.of(path), FileType.SYMBOLIC_LINK).magicTarget = target;
        }
    }

    public void fifo(String path) {
        make(HostPath.of(path), FileType.FIFO);
    }

    public void socket(String path) {
        make(HostPath.of(path), FileType.SOCKET);
    }

    /** A block device of this content (and so size). */
    public void blockDevice(String path, byte[] content, long deviceNumber) {
        synchronized (kernel) {
            Inode inode = make(HostPath.of(path), FileType.BLOCK_DEVICE);
            inode.content = content.clone();
            inode.size = content.length;
            inode.specialDevice = deviceNumber;
        }
    }

    public void characterDevice(String path, long deviceNumber) {
        synchronized (kernel) {
            make(HostPath.of(path), FileType.CHARACTER_DEVICE).specialDevice = deviceNumber;
        }
    }

    /** A second name for a file. */
    public void hardLink(String existing, String path) {
        synchronized (kernel) {
            Inode inode = existing(HostPath.of(existing));
            kernel.tree.add(placeFor(HostPath.of(path)), inode);
        }
    }

    /** rename(2): a file that had the new name is gone. */
    public void rename(String from, String to) {
        synchronized (kernel) {
            Place source = find(HostPath.of(from), Last.KEEP);
            Inode moved = source.inode();
            if (moved == null) {
                throw new IllegalArgumentException("nothing is at " + from);
            }
            Place target = placeFor(HostPath.of(to));
            if (target.inode() != null) {
                kernel.tree.remove(target);
            }
            kernel.tree.add(target, moved);
            kernel.tree.remove(source);
        }
    }

    public void delete(String path) {
        synchronized (kernel) {
            kernel.tree.remove(find(HostPath.of(path), Last.KEEP));
        }
    }

    /** The file that is there, with links followed. */
    public Optional<FileStatus> status(String path) {
        synchronized (kernel) {
            return Optional.ofNullable(find(HostPath.of(path), Last.FOLLOW).inode())
                    .map(Inode::status);
        }
    }

    public Optional<byte[]> attribute(String path, AttributeName name) {
        synchronized (kernel) {
            return Optional.ofNullable(existing(HostPath.of(path)).attributes.get(name))
                    .map(byte[]::clone);
        }
    }

    /** The context in {@code security.selinux} as text, without the NUL that may end it. */
    public Optional<String> label(String path) {
        return attribute(path, AttributeName.SECURITY_SELINUX)
                .map(value -> new String(value, java.nio.charset.StandardCharsets.UTF_8).replace("\0", ""));
    }

    public void setAttribute(String path, AttributeName name, byte[] value) {
        synchronized (kernel) {
            existing(HostPath.of(path)).attributes.put(name, value.clone());
        }
    }

    /** Sets {@code security.selinux} to this context and a NUL, as the tools do. */
    public void setLabel(String path, String context) {
        byte[] text = FileTree.text(context);
        setAttribute(path, AttributeName.SECURITY_SELINUX, Arrays.copyOf(text, text.length + 1));
    }

    /** As by another host that mounts the same NFS volume: this kernel sees it when it is asked to ask the server. */
    public void setLabelElsewhere(String path, String context) {
        synchronized (kernel) {
            existing(HostPath.of(path)).elsewhere.put(AttributeName.SECURITY_SELINUX, FileTree.text(context));
        }
    }

    public void removeAttribute(String path, AttributeName name) {
        synchronized (kernel) {
            existing(HostPath.of(path)).attributes.remove(name);
        }
    }

    /** The number of open descriptors: a leak shows here. */
    public int openDescriptors() {
        synchronized (kernel) {
            return kernel.openDescriptors();
        }
    }

    /** The next boot after a power cut: no process, no descriptor, no fault; another boot id. */
    public void powerOn(Unsynced unsynced) {
        synchronized (kernel) {
            kernel.faults.clear();
            kernel.closeAll();
            processes.reboot();
            if (unsynced == Unsynced.LOST) {
                mounts.values().forEach(FakeMount::loseUnsynced);
            }
            mounts.values().forEach(FakeMount::sync);
        }
    }

    /** The code under test was killed and nothing else: its descriptors are closed, the faults are gone. */
    public void killed() {
        synchronized (kernel) {
            kernel.faults.clear();
            kernel.closeAll();
        }
    }

    private Inode make(HostPath path, FileType type) {
        synchronized (kernel) {
            Place place = placeFor(path);
            if (place.inode() != null) {
                if (type == FileType.DIRECTORY) {
                    return place.inode();
                }
                // The new file exists before the old one goes, as with rename(2): never the same inode number.
                Inode replacement = new Inode(place.directory().mount, type);
                kernel.tree.remove(place);
                kernel.tree.add(place, replacement);
                return replacement;
            }
            Inode inode = new Inode(place.directory().mount, type);
            kernel.tree.add(place, inode);
            return inode;
        }
    }

    private Place placeFor(HostPath path) {
        HostPath parent = path.parent();
        if (!parent.equals(HostPath.of("/")) && !parent.equals(HostPath.of("."))) {
            make(parent, FileType.DIRECTORY);
        }
        return find(path, Last.KEEP);
    }

    private Inode existing(HostPath path) {
        Inode inode = find(path, Last.FOLLOW).inode();
        if (inode == null) {
            throw new IllegalArgumentException("nothing is at " + path);
        }
        return inode;
    }

    private Place find(HostPath path, Last last) {
        try {
            return kernel.tree.find(path, last, Refuse.NOTHING);
        } catch (LinkRefused e) {
            throw new IllegalStateException("no link is refused here", e);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return new Place(kernel.tree.root(), path, null);
            }
            throw new IllegalArgumentException(e);
        }
    }
}
