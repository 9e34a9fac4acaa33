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
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import labeler.linux.HostPath;
import labeler.problem.IoReason;
import labeler.vm.libvirt.DomainFacts.DomainLevels;

/**
 * The levels that the definitions of libvirt's domains keep, also for domains that do not run. libvirt replaces a file
 * by a rename, which changes the directory. So the directory alone is looked at while nothing changes, and only files
 * that have changed are read again.
 */
public final class DefinedLevels {
    /** The directory of libvirt's system daemon. */
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

    /** A clock that was set back leaves times that are later than now, and the kernel gives them to nobody soon. */
    private static final Duration FUTURE = Duration.ofSeconds(5);

    private final Path directory;
    private final Consumer<String> warnings;
    private final Reading reading;
    private final InstantSource clock;

    /** Only one reads, and who has waited takes what was read meanwhile: many domains may start at one time. */
    private final Lock lock = new ReentrantLock();

    /** With the lock. */
    private Seen last = Seen.NOTHING;

    /**
     * The levels that the definitions in this directory keep.
     *
     * @param warnings about each definition that cannot be read, once for each of its versions
     */
    public DefinedLevels(Path directory, Consumer<String> warnings) {
        this(directory, warnings, DefinedLevels::bytes, InstantSource.system());
    }

    DefinedLevels(Path directory, Consumer<String> warnings, Reading reading, InstantSource clock) {
        this.directory = directory;
        this.warnings = warnings;
        this.reading = reading;
        this.clock = clock;
    }

    /** Reads a file. */
    @FunctionalInterface
    interface Reading {
        /** Its bytes, or one more than the largest definition has. */
        byte[] bytes(Path file) throws IOException;
    }

    static byte[] bytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return in.readNBytes(LARGEST_FILE + 1);
        }
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
            return changed.plus(SETTLED_AFTER).isBefore(now) || changed.isAfter(now.plus(FUTURE));
        }
    }

    /**
     * A file as it was read.
     *
     * @param version empty if it cannot be looked at
     * @param isKnown whether it has to be read again only if its version changes
     * @param fault why it cannot be understood
     */
    private record Definition(
            Optional<Version> version, boolean isKnown, Optional<DomainLevels> levels, Optional<String> fault) {
        boolean hasSameFault(Definition before) {
            return version.equals(before.version) && fault.equals(before.fault);
        }
    }

    /**
     * The whole directory.
     *
     * @param version empty if it has to be listed again
     * @param fault why it cannot be listed
     * @param begun when it was looked at, by the clock of {@link System#nanoTime}
     */
    private record Seen(
            Optional<Version> version, Map<Path, Definition> files, Optional<String> fault, OptionalLong begun) {
        static final Seen NOTHING = new Seen(Optional.empty(), Map.of(), Optional.empty(), OptionalLong.empty());

        Seen {
            files = Map.copyOf(files);
        }

        boolean hasBegunSince(long time) {
            return begun.isPresent() && begun.getAsLong() - time >= 0;
        }

        List<DomainLevels> levels() {
            return files.values().stream()
                    .flatMap(file -> file.levels().stream())
                    .toList();
        }
    }

    /** Reads all definitions once, so that the first start does not wait for that. */
    public void begin() {
        List<DomainLevels> _ = now();
    }

    /** The levels that all definitions keep now; none without libvirt. Warns of anything that cannot be read. */
    public List<DomainLevels> now() {
        long asked = System.nanoTime();
        lock.lock();
        try {
            if (!last.hasBegunSince(asked)) {
                last = look(last, OptionalLong.of(System.nanoTime()));
            }
            return last.levels();
        } finally {
            lock.unlock();
        }
    }

    private Seen look(Seen before, OptionalLong begun) {
        Instant now = clock.instant();
        try {
            Version version = Version.of(directory);
            return before.version().equals(Optional.of(version))
                    ? new Seen(before.version(), again(before, now), before.fault(), begun)
                    : listed(before, version, now, begun);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Seen.NOTHING;
        } catch (IOException e) {
            return unlisted(before, IoReason.of(e), begun);
        } catch (DirectoryIteratorException e) {
            return unlisted(before, "cannot be listed", begun);
        }
    }

    /** The known definitions stay. */
    private Seen unlisted(Seen before, String fault, OptionalLong begun) {
        warnOnce(before, Optional.of(fault));
        return new Seen(Optional.empty(), before.files(), Optional.of(fault), begun);
    }

    private void warnOnce(Seen before, Optional<String> fault) {
        fault.filter(_ -> !before.fault().equals(fault)).ifPresent(why -> warn(directory, why));
    }

    /** The names are the same: only files that could not be read, or have changed just now, are looked at. */
    private Map<Path, Definition> again(Seen before, Instant now) {
        if (before.files().values().stream().allMatch(Definition::isKnown)) {
            return before.files();
        }
        Map<Path, Definition> files = new HashMap<>();
        before.files()
                .forEach((file, known) -> (known.isKnown()
                                ? Optional.of(known)
                                : definition(file, Optional.of(known), now))
                        .ifPresent(found -> files.put(file, found)));
        return files;
    }

    private Seen listed(Seen before, Version version, Instant now, OptionalLong begun) throws IOException {
        Map<Path, Definition> files = new HashMap<>();
        Optional<String> fault = Optional.empty();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : stream) {
                if (files.size() >= MOST_FILES) {
                    fault = Optional.of("more than " + MOST_FILES + " files");
                    break;
                }
                definition(file, Optional.ofNullable(before.files().get(file)), now)
                        .ifPresent(found -> files.put(file, found));
            }
        }
        warnOnce(before, fault);
        return new Seen(Optional.of(version).filter(found -> found.isSettled(now)), files, fault, begun);
    }

    /** Empty if it is gone. */
    private Optional<Definition> definition(Path file, Optional<Definition> known, Instant now) {
        Optional<Version> version = Optional.empty();
        Definition found;
        try {
            version = Optional.of(Version.of(file, LinkOption.NOFOLLOW_LINKS));
            if (known.isPresent()
                    && known.get().isKnown()
                    && known.get().version().equals(version)) {
                return known;
            }
            found = read(file, version.get(), now);
        } catch (NoSuchFileException e) {
            // The domain has just been undefined.
            return Optional.empty();
        } catch (IOException e) {
            // The next who asks tries again; what it kept before may still count.
            found = new Definition(version, false, known.flatMap(Definition::levels), Optional.of(IoReason.of(e)));
        }
        Definition definition = found;
        if (known.filter(definition::hasSameFault).isEmpty()) {
            definition.fault().ifPresent(why -> warn(file, why));
        }
        return Optional.of(definition);
    }

    private Definition read(Path file, Version version, Instant now) throws IOException {
        boolean isKnown = version.isSettled(now);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return unfit(version, isKnown, "it is no regular file");
        }
        byte[] bytes = reading.bytes(file);
        if (bytes.length > LARGEST_FILE) {
            return unfit(version, isKnown, "more than " + (LARGEST_FILE >> 20) + " MiB");
        }
        Optional<DomainLevels> levels = DomainLevels.parse(bytes);
        return levels.isEmpty()
                ? unfit(version, isKnown, "it is no definition of a domain")
                : new Definition(Optional.of(version), isKnown, levels, Optional.empty());
    }

    private static Definition unfit(Version version, boolean isKnown, String fault) {
        return new Definition(Optional.of(version), isKnown, Optional.empty(), Optional.of(fault));
    }

    private void warn(Path file, String why) {
        warnings.accept(HostPath.of(file) + ": " + why + "; a level that it keeps for its domain is not known");
    }
}
