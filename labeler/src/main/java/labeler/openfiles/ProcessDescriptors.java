package labeler.openfiles;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
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
import labeler.linux.HostPath;
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
        return in(Path.of("/proc"));
    }

    /** The processes of this directory, which is as {@code /proc}. */
    public static ProcessDescriptors in(Path proc) {
        // O_DIRECT of asm/fcntl.h; some architectures have a value of their own.
        return new ProcessDescriptors(proc, System.getProperty("os.arch", "").equals("aarch64") ? 0200000 : 040000);
    }

    /** The open files of a VM's process. */
    public Look of(Pid pid) {
        try {
            Path all = proc.resolve(pid.toString());
            // All threads have the same files open.
            Path process = LivingThread.of(all).orElse(all);
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

    private List<OpenDescriptor> descriptors(Path process, Map<Long, Mount> mounts) throws IOException {
        List<OpenDescriptor> found = new ArrayList<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path link : links) {
                stillOpen(process, link, mounts).ifPresent(found::add);
            }
        } catch (DirectoryIteratorException e) {
            // It ended while it was listed.
            throw e.getCause();
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
        Path target = Files.readSymbolicLink(link);
        if (!target.isAbsolute()) {
            // A socket, a pipe, an event.
            return Optional.empty();
        }
        HostPath name = HostPath.of(target);
        Path number = link.getFileName();
        String text = Files.readString(process.resolve("fdinfo").resolve(number), StandardCharsets.ISO_8859_1);
        Optional<FdInfo> info = FdInfo.parse(text);
        Optional<OpenMode> mode = info.flatMap(one -> one.mode(directFlag));
        if (info.isEmpty() || mode.isEmpty()) {
            return Optional.empty();
        }
        Optional<Mount> mount = Optional.ofNullable(mounts.get(info.get().mountId()));
        int descriptor = Integer.parseInt(number.toString());
        Optional<FileIdentity> remote = mount.filter(ProcessDescriptors::isRemote)
                .flatMap(one ->
                        info.get().inode().map(inode -> new FileIdentity(one.device(), inode, Optional.empty())));
        return remote.isPresent()
                ? Optional.of(new OpenDescriptor(descriptor, name, mode.get(), remote.get(), Optional.empty(), mount))
                : looked(link)
                        .map(node -> new OpenDescriptor(
                                descriptor, name, mode.get(), node.identity(), node.device(), mount));
    }

    private static boolean isRemote(Mount mount) {
        return REMOTE.contains(mount.fileSystemType()) || mount.fileSystemType().startsWith(FUSE);
    }

    /** A regular file or a block device. */
    private record Node(FileIdentity identity, Optional<Long> device) {}

    /** Other nodes are no images. */
    private static Optional<Node> looked(Path link) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(link, "unix:dev,ino,mode,rdev");
        if (!(attributes.get("dev") instanceof Long device)
                || !(attributes.get("ino") instanceof Long inode)
                || !(attributes.get("mode") instanceof Integer mode)
                || !(attributes.get("rdev") instanceof Long special)) {
            throw new IOException(link + ": the JDK does not tell which file it is");
        }
        boolean isDevice = (mode & KIND) == BLOCK_DEVICE;
        return isDevice || (mode & KIND) == REGULAR
                ? Optional.of(new Node(
                        new FileIdentity(device, inode, Optional.empty()),
                        isDevice ? Optional.of(special) : Optional.empty()))
                : Optional.empty();
    }
}
