package labeler.fileset.device;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A directory of sysfs. The kernel writes what is in it, but names and numbers of devices come from hardware: each read
 * is bounded, and what is not as expected is absent.
 */
record SysfsDirectory(Path path) {
    /** A page is the most that the kernel puts into such a file. */
    private static final int MOST_BYTES = 4096;

    /** More than any host has devices on one bus. */
    private static final int MOST_ENTRIES = 4096;

    SysfsDirectory below(String name) {
        return new SysfsDirectory(path.resolve(name));
    }

    boolean exists() {
        return Files.isDirectory(path);
    }

    boolean has(String name) {
        return Files.exists(path.resolve(name));
    }

    /** The content of a file without the line's end; empty if there is none. */
    Optional<String> text(String name) {
        try (InputStream in = Files.newInputStream(path.resolve(name))) {
            return Optional.of(new String(in.readNBytes(MOST_BYTES), StandardCharsets.ISO_8859_1).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** A file with one number; empty if it is not there, or has something else. */
    Optional<Integer> number(String name, int radix) {
        return text(name).flatMap(text -> {
            try {
                return Optional.of(Integer.parseUnsignedInt(text, radix));
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        });
    }

    /** The last part of a symbolic link's target: the name of a driver, a group, a class. */
    Optional<String> linkName(String name) {
        try {
            Path last = Files.readSymbolicLink(path.resolve(name)).getFileName();
            return Optional.ofNullable(last).map(Path::toString);
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty();
        }
    }

    /** The names in it, in order; none if it is not there. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                if (names.size() == MOST_ENTRIES) {
                    break;
                }
                names.add(String.valueOf(entry.getFileName()));
            }
        } catch (IOException | DirectoryIteratorException e) {
            return List.of();
        }
        names.sort(null);
        return names;
    }
}
