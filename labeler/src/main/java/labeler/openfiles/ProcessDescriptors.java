package labeler.openfiles;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.FileIdentity;
import labeler.linux.Mount;
import labeler.linux.MountInfo;
import labeler.linux.Pid;

/** The open files of processes, as procfs shows them to users who may trace these processes. */
public final class ProcessDescriptors {
    /**
     * File systems whose server may be gone. There procfs answers instead of the file. Elsewhere procfs may differ from
     * the file: files of btrfs and overlayfs show other devices than their mount.
     */
    private static final Set<String> REMOTE = Set.of("nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "afs");

    private static final String FUSE = "fuse";

    private static final int KIND = 0170000;
    private static final int REGULAR = 0100000;
    private static final int BLOCK_DEVICE = 0060000;

    private final Path proc;
    private final int directFlag;

    private ProcessDescriptors(Path proc, int directFlag) {
        this.proc = proc;
        this.directFlag = directFlag;
    }

    /** The processes of this machine. */
    public static ProcessDescriptors ofThisMachine() {
        // O_DIRECT of asm/fcntl.h; some architectures have a value of their own.
        return new ProcessDescriptors(
                Path.of("/proc"), System.getProperty("os.arch", "").equals("aarch64") ? 0200000 : 040000);
    }

    /** The open files of a VM's process. */
    public Look of(Pid pid) {
        try {
            Path process = living(proc.resolve(pid.toString()));
            // `labeler run` is a JVM until it becomes qemu. It may have some of the files, or none.
            if (Files.readSymbolicLink(process.resolve("exe")).endsWith("java")) {
                return new Look.NotSeen("process " + pid + " has not become qemu yet");
            }
            Map<Long, Mount> mounts = MountInfo.parse(Files.readAllBytes(process.resolve("mountinfo")));
            return new Look.Seen(
                    descriptors(process, mounts), mounts.values().stream().anyMatch(Mount::storesLabels));
        } catch (NoSuchFileException e) {
            // It has ended, or a procfs with hidepid= hides it from this user.
            return new Look.NotSeen("no process " + pid + " is to be seen");
        } catch (AccessDeniedException e) {
            return new Look.NotSeen("only root may look at what a process has open");
        } catch (IOException e) {
            return new Look.NotSeen("process " + pid + " cannot be looked at (" + e.getMessage() + ")");
        }
    }

    /** The process or, if its first thread has ended, a living thread. All threads have the same files open. */
    private static Path living(Path process) throws IOException {
        if (isLiving(process)) {
            return process;
        }
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path thread : threads) {
                if (isLiving(thread)) {
                    return thread;
                }
            }
        }
        return process;
    }

    private static boolean isLiving(Path thread) throws IOException {
        try {
            Files.readSymbolicLink(thread.resolve("exe"));
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private List<OpenDescriptor> descriptors(Path process, Map<Long, Mount> mounts) throws IOException {
        List<OpenDescriptor> found = new ArrayList<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path link : links) {
                stillOpen(process, link, mounts).ifPresent(found::add);
            }
        }
        return found;
    }

    private Optional<OpenDescriptor> stillOpen(Path process, Path link, Map<Long, Mount> mounts) throws IOException {
        try {
            return descriptor(process, link, mounts);
        } catch (NoSuchFileException e) {
            // It was closed after the listing.
            return Optional.empty();
        }
    }

    private Optional<OpenDescriptor> descriptor(Path process, Path link, Map<Long, Mount> mounts) throws IOException {
        String name = Files.readSymbolicLink(link).toString();
        if (!name.startsWith("/")) {
            // A socket, a pipe, an event.
            return Optional.empty();
        }
        Path number = link.getFileName();
        String text = Files.readString(process.resolve("fdinfo").resolve(number), StandardCharsets.ISO_8859_1);
        Optional<FdInfo> info = FdInfo.parse(text);
        Optional<OpenMode> mode = info.flatMap(one -> one.mode(directFlag));
        if (info.isEmpty() || mode.isEmpty()) {
            return Optional.empty();
        }
        Optional<Mount> mount = Optional.ofNullable(mounts.get(info.get().mountId()));
        Optional<FileIdentity> identity = mount.filter(ProcessDescriptors::isRemote)
                .flatMap(remote ->
                        info.get().inode().map(inode -> new FileIdentity(remote.device(), inode, Optional.empty())));
        if (identity.isEmpty()) {
            identity = identity(link);
        }
        return identity.map(
                file -> new OpenDescriptor(Integer.parseInt(number.toString()), name, mode.get(), file, mount));
    }

    private static boolean isRemote(Mount mount) {
        return REMOTE.contains(mount.fileSystemType()) || mount.fileSystemType().startsWith(FUSE);
    }

    /** The identity of a regular file or a block device. Other nodes are no images. */
    private static Optional<FileIdentity> identity(Path link) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(link, "unix:dev,ino,mode");
        if (!(attributes.get("dev") instanceof Long device)
                || !(attributes.get("ino") instanceof Long inode)
                || !(attributes.get("mode") instanceof Integer mode)) {
            throw new IOException(link + ": the JDK does not tell which file it is");
        }
        boolean isFile = (mode & KIND) == REGULAR || (mode & KIND) == BLOCK_DEVICE;
        return isFile ? Optional.of(new FileIdentity(device, inode, Optional.empty())) : Optional.empty();
    }
}
