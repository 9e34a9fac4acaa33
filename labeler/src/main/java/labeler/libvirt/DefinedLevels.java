package labeler.libvirt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.linux.HostPath;
import labeler.problem.IoReason;
import labeler.vm.libvirt.DomainLevels;

/**
 * The levels that the definitions of libvirt's domains keep, also for domains that do not run. libvirt replaces a file
 * by a rename, which changes the directory. So the directory alone is looked at while nothing changes, and only files
 * that have changed are read again.
 */
public final class DefinedLevels {
    /** Of libvirt's system daemon. */
    public static final Path DIRECTORY = Path.of("/etc/libvirt/qemu");

    private static final String SUFFIX = ".xml";

    /** More VMs than any host has. */
    private static final int MOST_FILES = 20_000;

    /** The limit of the XML reader. */
    private static final int LARGEST_FILE = 4 << 20;

    /**
     * The kernel's clock for files has steps of some milliseconds. What has changed so lately may change once more
     * without a later time.
     */
    private static final Duration SETTLED_AFTER = Duration.ofSeconds(1);

    private final Path directory;
    private final Consumer<String> warnings;

    /** Replaced as a whole: two who read at one time do the work twice, and nobody waits for the other. */
    private volatile Seen last = Seen.NOTHING;

    /**
     * Of this directory.
     *
     * @param warnings about each definition that cannot be read, once for each of its versions
     */
    public DefinedLevels(Path directory, Consumer<String> warnings) {
        this.directory = directory;
        this.warnings = warnings;
    }

    /** The version of a file or a directory. */
    private record Version(long inode, long size, Instant modified, Instant changed) {
        static Version of(Path path, LinkOption... options) throws IOException {
            Map<String, Object> found = Files.readAttributes(path, "unix:ino,size,lastModifiedTime,ctime", options);
            return new Version(
                    (long) of(found, "ino"),
                    (long) of(found, "size"),
                    ((FileTime) of(found, "lastModifiedTime")).toInstant(),
                    ((FileTime) of(found, "ctime")).toInstant());
        }

        private static Object of(Map<String, Object> found, String name) {
            return Objects.requireNonNull(found.get(name), name);
        }

        /** Whether a later change would show at this time. */
        boolean isSettled(Instant now) {
            return changed.plus(SETTLED_AFTER).isBefore(now);
        }
    }

    /** A file as it was read; without levels if it cannot be understood. */
    private record Definition(Version version, boolean isSettled, Optional<DomainLevels> levels) {}

    private record Seen(Optional<Version> directory, Map<Path, Definition> files) {
        static final Seen NOTHING = new Seen(Optional.empty(), Map.of());

        Seen {
            files = Map.copyOf(files);
        }

        List<DomainLevels> levels() {
            return files.values().stream()
                    .flatMap(file -> file.levels().stream())
                    .toList();
        }
    }

    /** What all definitions keep at this moment; nothing without libvirt. What cannot be read is warned of. */
    public List<DomainLevels> now() {
        Instant now = Instant.now();
        Seen before = last;
        try {
            Version version = Version.of(directory);
            if (!before.directory().equals(Optional.of(version))) {
                Listing files = files(before, now);
                last = new Seen(
                        Optional.of(version).filter(found -> found.isSettled(now) && files.isWhole()), files.files());
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            last = Seen.NOTHING;
        } catch (IOException e) {
            warn(directory, IoReason.of(e));
        } catch (DirectoryIteratorException e) {
            warn(directory, "cannot be listed");
        }
        return last.levels();
    }

    /** @param isWhole whether each file could be read; otherwise the next who asks tries again */
    private record Listing(Map<Path, Definition> files, boolean isWhole) {}

    private Listing files(Seen before, Instant now) throws IOException {
        Map<Path, Definition> files = new HashMap<>();
        boolean isWhole = true;
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : stream) {
                if (files.size() >= MOST_FILES) {
                    warn(directory, "more than " + MOST_FILES + " files");
                    break;
                }
                Optional<Definition> known = Optional.ofNullable(before.files().get(file));
                try {
                    definition(file, known, now).ifPresent(found -> files.put(file, found));
                } catch (IOException e) {
                    warn(file, IoReason.of(e));
                    isWhole = false;
                    known.ifPresent(found -> files.put(file, found));
                }
            }
        }
        return new Listing(files, isWhole);
    }

    /** Empty if it is gone, or is no file. */
    private Optional<Definition> definition(Path file, Optional<Definition> known, Instant now) throws IOException {
        try {
            Version version = Version.of(file, LinkOption.NOFOLLOW_LINKS);
            Optional<Definition> same = known.filter(one -> one.version().equals(version));
            if (same.filter(Definition::isSettled).isPresent()) {
                return same;
            }
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty();
            }
            Optional<DomainLevels> levels = DomainLevels.parse(bytes(file));
            if (levels.isEmpty() && same.isEmpty()) {
                warn(file, "it is no definition of a domain");
            }
            return Optional.of(new Definition(version, version.isSettled(now), levels));
        } catch (NoSuchFileException e) {
            // The domain has just been undefined.
            return Optional.empty();
        }
    }

    private static byte[] bytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return in.readNBytes(LARGEST_FILE + 1);
        }
    }

    private void warn(Path file, String why) {
        warnings.accept(HostPath.of(file) + ": " + why + "; a level that it keeps for its domain is not known");
    }
}
