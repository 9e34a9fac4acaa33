package labeler.fileset;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;

/**
 * Files that the kernel has in use as swap space (proc_swaps(5)), or behind a loop device, as a mounted image is
 * ({@code /sys/block/loopN/loop/backing_file}).
 */
public final class KernelFileUses implements HostFileUses {
    private static final String LOOP = "loop*";

    private final SafeOpen open;
    private final Path swaps;
    private final Path blockDevices;

    public KernelFileUses(SafeOpen open) {
        this(open, Path.of("/proc/swaps"), Path.of("/sys/block"));
    }

    KernelFileUses(SafeOpen open, Path swaps, Path blockDevices) {
        this.open = open;
        this.swaps = swaps;
        this.blockDevices = blockDevices;
    }

    @Override
    public Optional<String> of(OpenedFile file) {
        try {
            if (isAmong(file, swapFiles())) {
                return Optional.of("swap space");
            }
            return isAmong(file, loopFiles()) ? Optional.of("a loop device") : Optional.empty();
        } catch (IOException | DirectoryIteratorException e) {
            return Optional.of("nobody can tell what (" + e.getMessage() + ")");
        }
    }

    /** By the name that the kernel knows, and by the file that has this name just now. */
    private boolean isAmong(OpenedFile file, Set<HostPath> names) {
        return names.contains(file.realPath()) || names.stream().anyMatch(name -> isSame(file, name));
    }

    private boolean isSame(OpenedFile file, HostPath name) {
        try {
            Optional<FileStatus> found = open.look(name);
            return found.isPresent() && found.get().identity().equals(file.identity());
        } catch (LinuxException e) {
            // Not to be reached under this name from here, as where it is in another mount namespace.
            return false;
        }
    }

    /** {@code Filename Type Size Used Priority}, a line each after the first, with {@code \040} for a space. */
    private Set<HostPath> swapFiles() throws IOException {
        Set<HostPath> names = new HashSet<>();
        if (Files.exists(swaps)) {
            lines(Files.readAllBytes(swaps)).stream().skip(1).forEach(line -> {
                int end = 0;
                while (end < line.length && line[end] != ' ' && line[end] != '\t') {
                    end++;
                }
                HostPath.parse(unescape(Arrays.copyOf(line, end))).ifPresent(names::add);
            });
        }
        return names;
    }

    private Set<HostPath> loopFiles() throws IOException {
        Set<HostPath> names = new HashSet<>();
        if (Files.isDirectory(blockDevices)) {
            try (DirectoryStream<Path> devices = Files.newDirectoryStream(blockDevices, LOOP)) {
                for (Path device : devices) {
                    Path backing = device.resolve("loop").resolve("backing_file");
                    if (Files.exists(backing)) {
                        lines(Files.readAllBytes(backing)).stream()
                                .flatMap(line -> HostPath.parse(line).stream())
                                .forEach(names::add);
                    }
                }
            }
        }
        return names;
    }

    private static List<byte[]> lines(byte[] text) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= text.length; i++) {
            if (i == text.length || text[i] == '\n') {
                if (i > start) {
                    lines.add(Arrays.copyOfRange(text, start, i));
                }
                start = i + 1;
            }
        }
        return lines;
    }

    /** seq_path of the kernel writes space, tab, newline and backslash as three octal digits. */
    private static byte[] unescape(byte[] name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(name.length);
        for (int i = 0; i < name.length; i++) {
            if (name[i] == '\\' && i + 3 < name.length) {
                out.write((name[i + 1] - '0') << 6 | (name[i + 2] - '0') << 3 | (name[i + 3] - '0'));
                i += 3;
            } else {
                out.write(name[i]);
            }
        }
        return out.toByteArray();
    }
}
