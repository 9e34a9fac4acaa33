package labeler.openfiles;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
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

    /** At a process whose files change. An honest qemu closes some now and then. */
    private static final int MOST_LOOKS = 10;

    /** At a descriptor that is there, and cannot be read. */
    private static final int MOST_TRIES = 20;

    private static final int KIND = 0170000;
    private static final int REGULAR = 0100000;
    private static final int BLOCK_DEVICE = 0060000;

    /** Those that count now, in hexadecimal: proc_pid_status(5). */
    private static final String CAPABILITIES = "CapEff:";

    /** How many a process has: proc_pid_status(5). */
    private static final String THREADS = "Threads:";

    /** Its bit: linux/capability.h. */
    private static final int CAP_SYS_PTRACE = 19;

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

    /**
     * The open files of a VM's process. It may open and close files meanwhile, and end threads, to be seen without one: so
     * whatever one of several looks has found counts.
     */
    public Look of(Pid pid) {
        return look(pid, false);
    }

    /** The same of any process, also of a launcher that has not become qemu yet: whatever it has open is open. */
    public Look ofAny(Pid pid) {
        return look(pid, true);
    }

    private Look look(Pid pid, boolean alsoLaunchers) {
        Attempt attempt = attempt(pid, alsoLaunchers);
        for (int looks = 1; looks < MOST_LOOKS && !attempt.isLast(); looks++) {
            attempt = attempt(pid, alsoLaunchers).after(attempt);
        }
        return attempt.look();
    }

    /**
     * One look.
     *
     * @param isLast whether another one would show no more
     */
    private record Attempt(Look look, boolean isLast) {
        Attempt after(Attempt before) {
            if (!(before.look() instanceof Look.Seen earlier)) {
                return this;
            }
            return switch (look) {
                case Look.NotSeen _ -> isLast ? this : before;
                case Look.Seen now -> {
                    Set<OpenDescriptor> both = new LinkedHashSet<>(earlier.descriptors());
                    both.addAll(now.descriptors());
                    yield new Attempt(new Look.Seen(List.copyOf(both), now.labelsShown()), isLast);
                }
            };
        }
    }

    private Attempt attempt(Pid pid, boolean alsoLaunchers) {
        Path all = proc.resolve(pid.toString());
        try {
            // All threads have the same files open.
            Path process = LivingThread.of(all).orElse(all);
            // `labeler run` is a JVM until it becomes qemu. It may have some of the files, or none.
            if (Files.readSymbolicLink(process.resolve("exe")).endsWith("java") && !alsoLaunchers) {
                return new Attempt(
                        new Look.NotSeen("process " + pid + " has not become qemu yet", Look.Cause.FAILED), true);
            }
            Map<Long, Mount> mounts = MountInfo.parse(Files.readAllBytes(process.resolve("mountinfo")));
            List<OpenDescriptor> found = new ArrayList<>();
            boolean isWhole = descriptors(process, mounts, found);
            return new Attempt(new Look.Seen(found, mounts.values().stream().anyMatch(Mount::storesLabels)), isWhole);
        } catch (AccessDeniedException e) {
            // The answer for a process that has just ended as well.
            return denied(pid);
        } catch (IOException e) {
            // A procfs with hidepid= hides a process from this user as if it had ended.
            return hasLivingThread(all)
                    ? new Attempt(
                            new Look.NotSeen(
                                    "process " + pid + " cannot be looked at (" + e.getMessage() + ")",
                                    Look.Cause.FAILED),
                            false)
                    : new Attempt(
                            new Look.NotSeen("no process " + pid + " is to be seen", Look.Cause.NO_PROCESS), true);
        }
    }

    /**
     * Also while threads come and go faster than they can be looked at: the kernel counts them at one moment, with a first
     * thread that has ended before the others. In doubt it has one.
     */
    private static boolean hasLivingThread(Path process) {
        try {
            if (LivingThread.of(process).isPresent()) {
                return true;
            }
            try (Stream<String> lines = Files.lines(process.resolve("status"))) {
                return lines.anyMatch(line -> line.startsWith(THREADS)
                        && !line.substring(THREADS.length()).strip().equals("1"));
            }
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException | UncheckedIOException e) {
            return Files.exists(process);
        }
    }

    private Attempt denied(Pid pid) {
        return mayTrace()
                ? new Attempt(
                        new Look.NotSeen("process " + pid + " does not let root look at it", Look.Cause.FAILED), false)
                : new Attempt(
                        new Look.NotSeen(
                                "only root may look at what a process has open, with the right to trace it"
                                        + " (CAP_SYS_PTRACE)",
                                Look.Cause.NOT_PERMITTED),
                        true);
    }

    /** Without a procfs nothing is known of this process either. */
    private boolean mayTrace() {
        try (Stream<String> lines = Files.lines(proc.resolve("self/status"))) {
            return lines.filter(line -> line.startsWith(CAPABILITIES))
                    .map(line -> line.substring(CAPABILITIES.length()).strip())
                    .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) >>> CAP_SYS_PTRACE & 1) == 1);
        } catch (IOException | UncheckedIOException | NumberFormatException e) {
            return false;
        }
    }

    /** Answers whether each of them was still there when it was looked at. */
    private boolean descriptors(Path process, Map<Long, Mount> mounts, List<OpenDescriptor> found) throws IOException {
        boolean isWhole = true;
        try (DirectoryStream<Path> links = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path link : links) {
                isWhole &= isStillThere(process, link, mounts, found);
            }
        } catch (DirectoryIteratorException e) {
            // It ended while it was listed.
            throw e.getCause();
        }
        return isWhole;
    }

    /** Adds it if it is a file. Another thread may close it after each step, and open it again. */
    private boolean isStillThere(Path process, Path link, Map<Long, Mount> mounts, List<OpenDescriptor> found)
            throws IOException {
        for (int tries = 1; ; tries++) {
            try {
                descriptor(process, link, mounts).ifPresent(found::add);
                return tries == 1;
            } catch (AccessDeniedException e) {
                throw e;
            } catch (IOException e) {
                if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                    return false;
                }
                if (tries == MOST_TRIES && e instanceof NoSuchFileException) {
                    // It comes and goes faster than this. The others count, and the next look may see it.
                    return false;
                }
                if (tries == MOST_TRIES) {
                    throw e;
                }
            }
        }
    }

    /**
     * The facts that the kernel tells of a descriptor. It answers a read of them with ENOENT alone, once the descriptor
     * is closed (fs/proc/fd.c). The JDK has a type for this error where it opens a file, and none where it reads.
     */
    private static String info(Path fdinfo) throws IOException {
        try (InputStream opened = Files.newInputStream(fdinfo)) {
            try {
                return new String(opened.readAllBytes(), StandardCharsets.ISO_8859_1);
            } catch (IOException e) {
                throw new NoSuchFileException(fdinfo.toString());
            }
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
        Optional<FdInfo> info = FdInfo.parse(info(process.resolve("fdinfo").resolve(number)));
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
