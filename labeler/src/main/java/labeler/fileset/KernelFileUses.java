package labeler.fileset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.linux.Access;
import labeler.linux.FileIdentity;
import labeler.linux.FileSystems;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.KernelText;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;

/**
 * Files that the kernel uses as swap space (proc_swaps(5)), or behind a loop device, such as a mounted image. A loop
 * device tells its file, even if the file has lost its name. Swap space is known by name alone, but the kernel lets
 * nobody take that name away while it is in use.
 */
public final class KernelFileUses implements HostFileUses {
    private static final Path SWAPS = Path.of("/proc/swaps");
    private static final Path BLOCK_DEVICES = Path.of("/sys/block");
    private static final HostPath DEVICES = HostPath.of("/dev");
    private static final String LOOP = "loop";
    private static final OpenRequest DEVICE =
            new OpenRequest(Access.READ_ONLY, EnumSet.of(FileType.BLOCK_DEVICE), OpenRequest.Links.NONE);

    private final SafeOpen open;
    private final FileSystems fileSystems;

    public KernelFileUses(SafeOpen open, FileSystems fileSystems) {
        this.open = open;
        this.fileSystems = fileSystems;
    }

    @Override
    public HostFileUses.Now now() {
        try {
            UsedFiles swaps = files(swapNames());
            return new Uses(swaps, loopFiles(), fileSystems.mounts());
        } catch (IOException | UncheckedIOException e) {
            return new NotKnown("nobody can tell what (" + e.getMessage() + ")");
        }
    }

    private record Uses(UsedFiles swaps, UsedFiles loops, List<Mount> mounts) implements HostFileUses.Now {
        @Override
        public Optional<String> of(OpenedFile file) {
            if (swaps.have(file)) {
                return Optional.of("swap space");
            }
            return loops.have(file) ? Optional.of("a loop device") : Optional.empty();
        }

        /** A file system on several disks has a number of its own, and names one of them. */
        @Override
        public Optional<String> ofDisk(String name, long number) {
            HostPath node = DEVICES.child(name.getBytes(StandardCharsets.UTF_8));
            if (swaps.names().contains(node)) {
                return Optional.of(name + " is swap space");
            }
            return mounts.stream()
                    .filter(mount -> mount.device() == number || mount.source().equals(node.toString()))
                    .findFirst()
                    .map(mount -> name + " is mounted at " + mount.mountPoint());
        }
    }

    private record NotKnown(String reason) implements HostFileUses.Now {
        @Override
        public Optional<String> of(OpenedFile file) {
            return Optional.of(reason);
        }

        @Override
        public Optional<String> ofDisk(String name, long number) {
            return Optional.of("what uses it, " + reason);
        }
    }

    /** Files by the names that the kernel knows, and by device and inode. */
    private record UsedFiles(Set<HostPath> names, Set<FileIdentity> numbers) {
        boolean have(OpenedFile file) {
            return names.contains(file.realPath())
                    || numbers.contains(file.identity().withoutBirth());
        }
    }

    private UsedFiles files(Set<HostPath> names) {
        return new UsedFiles(
                names,
                names.stream().flatMap(name -> open.number(name).stream()).collect(Collectors.toSet()));
    }

    /** Files that the devices themselves tell; otherwise their names. */
    private UsedFiles loopFiles() throws IOException {
        Set<FileIdentity> told = new HashSet<>();
        Set<HostPath> names = new HashSet<>();
        for (Path device : loopDevices()) {
            Optional<HostPath> name = backingFile(device);
            name.ifPresent(file -> behind(DEVICES.child(String.valueOf(device.getFileName())))
                    .ifPresentOrElse(told::add, () -> names.add(file)));
        }
        UsedFiles named = files(names);
        told.addAll(named.numbers());
        return new UsedFiles(names, told);
    }

    /** Empty also if the caller may not open the device, such as a plain user with {@code labeler plan}. */
    private Optional<FileIdentity> behind(HostPath device) {
        if (open.open(device, DEVICE) instanceof OpenedFile opened) {
            try (opened) {
                return fileSystems.behindLoop(opened);
            } catch (LinuxException e) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static List<Path> loopDevices() throws IOException {
        if (!Files.isDirectory(BLOCK_DEVICES)) {
            return List.of();
        }
        try (Stream<Path> devices = Files.list(BLOCK_DEVICES)) {
            return devices.filter(device -> String.valueOf(device.getFileName()).startsWith(LOOP))
                    .toList();
        }
    }

    /** {@code /sys/block/loopN/loop/backing_file}, which exists while the device has a file. */
    private static Optional<HostPath> backingFile(Path device) throws IOException {
        Path file = device.resolve("loop").resolve("backing_file");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        return KernelText.split(Files.readAllBytes(file), '\n').stream()
                .flatMap(line -> HostPath.parse(line).stream())
                .findFirst();
    }

    /** {@code Filename Type Size Used Priority}, a line each after the first, with {@code \040} for a space. */
    private static Set<HostPath> swapNames() throws IOException {
        if (!Files.exists(SWAPS)) {
            return Set.of();
        }
        return KernelText.split(Files.readAllBytes(SWAPS), '\n').stream()
                .skip(1)
                .map(line -> KernelText.split(KernelText.split(line, '\t').getFirst(), ' ')
                        .getFirst())
                .flatMap(name -> HostPath.parse(KernelText.unescape(name)).stream())
                .collect(Collectors.toSet());
    }
}
