package labeler.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The names of what a process has open, as {@code /proc/PID/fd} has them. */
record OpenNames(long pid) {
    /** Of all its descriptors. One that is closed meanwhile has none. */
    List<String> all() throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    names.add(Files.readSymbolicLink(descriptor).toString());
                } catch (NoSuchFileException e) {
                    // Files.list reads a directory that changes.
                }
            }
        }
        return names;
    }

    List<String> below(Path directory) throws IOException {
        return all().stream()
                .filter(name -> name.startsWith(directory.toString()))
                .toList();
    }
}
