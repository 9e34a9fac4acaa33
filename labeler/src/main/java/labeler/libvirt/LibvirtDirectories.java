package labeler.libvirt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import labeler.vm.libvirt.LibvirtHost;

/**
 * The directories of libvirt's system daemon and of qemu's packages. The daemon itself may not be asked: it waits for
 * its hook. All that is read is in directories of root's, and is bounded; what cannot be read is as good as absent.
 *
 * @param root of the file system
 */
public record LibvirtDirectories(Path root) implements LibvirtHost {
    public static final LibvirtDirectories SYSTEM = new LibvirtDirectories(Path.of("/"));

    /** The limit of the XML reader. A descriptor has 2 kB, and libvirt's settings 50. */
    private static final int LARGEST_FILE = 4 << 20;

    /** Edk2 and its relatives have about 40 for all architectures. */
    private static final int MOST_DESCRIPTORS = 1024;

    private static final String SUFFIX = ".json";

    /** A pool that is active may have changed since it was defined, or not be defined at all. */
    @Override
    public Optional<byte[]> pool(String name) {
        return named(name, "run/libvirt/storage", "etc/libvirt/storage");
    }

    @Override
    public Optional<byte[]> network(String name) {
        return named(name, "run/libvirt/network", "etc/libvirt/qemu/networks");
    }

    /** The first that there is. */
    private Optional<byte[]> named(String name, String... directories) {
        // Such a name is as free as a domain's, and none may lead into another directory.
        if (VmName.parse(name).isEmpty()) {
            return Optional.empty();
        }
        String file = name + ".xml";
        return Stream.of(directories)
                .map(directory ->
                        HostPath.of(root.resolve(directory)).child(file).jdkPath())
                .flatMap(path -> read(path).stream())
                .findFirst();
    }

    /** A file hides another of the same name in a directory before it; an empty one hides it altogether. */
    @Override
    public List<byte[]> firmwareDescriptors() {
        Map<String, Path> files = new TreeMap<>();
        for (String directory : List.of("usr/share/qemu/firmware", "etc/qemu/firmware")) {
            list(root.resolve(directory))
                    .forEach(path -> files.put(path.getFileName().toString(), path));
        }
        return files.values().stream()
                .flatMap(path -> read(path).stream())
                .filter(bytes -> bytes.length > 0)
                .toList();
    }

    private static List<Path> list(Path directory) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path path : stream) {
                if (found.size() < MOST_DESCRIPTORS) {
                    found.add(path);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return found;
        }
        return found;
    }

    @Override
    public Optional<byte[]> settings() {
        return read(root.resolve("etc/libvirt/qemu.conf"));
    }

    @Override
    public Optional<byte[]> qemuOptions() {
        return read(root.resolve("etc/qemu/qemu.conf"));
    }

    @Override
    public List<HostPath> hugePageMounts() {
        String mounts = read(root.resolve("proc/self/mounts"))
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElse("");
        return mounts.lines()
                .map(line -> line.split(" "))
                .filter(fields -> fields.length > 2 && fields[2].equals("hugetlbfs") && fields[1].startsWith("/"))
                // The kernel writes spaces and the like in octal; nobody mounts huge pages there.
                .filter(fields -> !fields[1].contains("\\"))
                .map(fields -> HostPath.of(fields[1]))
                .distinct()
                .toList();
    }

    /** A name may be a symbolic link, as packages have them, but only to a regular file. */
    private static Optional<byte[]> read(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            return Optional.of(in.readNBytes(LARGEST_FILE + 1)).filter(bytes -> bytes.length <= LARGEST_FILE);
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
