package labeler.fileset;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.linux.DirectoryEntries;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.problem.Problem;
import labeler.vm.Origin;

/**
 * The service's own files: its journal, its sockets, its settings. No VM may have one, by any name and from any source:
 * a VM that writes the journal has the labels of all others.
 */
public final class ServiceFiles {
    /** Many times the number of entries in a service's directories. */
    private static final int MOST_ENTRIES = 4096;

    /** Directories that one file may be in. A link in a header leads through thousands. */
    private static final int MOST_ABOVE = 512;

    /** Directories that are remembered, of up to four kilobytes each. */
    private static final int MOST_KNOWN = 4096;

    private final SafeOpen open;
    private final DirectoryEntries entries;
    private final ServicePlaces places;

    public ServiceFiles(SafeOpen open, DirectoryEntries entries, ServicePlaces places) {
        this.open = open;
        this.entries = entries;
        this.places = places;
    }

    /** The owner of a file. */
    enum Belonging {
        SERVICE,
        /** In a VM's runtime directory: the VM's own, but never available to headers. */
        RUNTIME_DIRECTORY,
        ELSEWHERE
    }

    /** The present files: a journal makes temporary files beside itself. */
    Now now() {
        Now now = new Now();
        places.directories().forEach(now::addDirectory);
        places.directories().forEach(now::addEntries);
        places.programs().forEach(now::addDirectory);
        places.files().forEach(now::addFile);
        open.number(places.runtimeDirectories()).ifPresent(now.runtime::add);
        return now;
    }

    /**
     * A snapshot. A file is known by its number, so a hard link to it is recognised. Each directory above it is known
     * by its number as well, so a second mount of one is recognised.
     */
    final class Now {
        private final Set<FileIdentity> files = new HashSet<>();
        private final Set<FileIdentity> directories = new HashSet<>();
        private final Set<FileIdentity> runtime = new HashSet<>();
        private final Set<HostPath> names = new HashSet<>();
        private final Set<HostPath> runtimeNames = new HashSet<>();
        private final Map<HostPath, Belonging> known = new HashMap<>();
        /** Of directories that were looked for by the path that a VM names. */
        private final Map<HostPath, Belonging> holders = new HashMap<>();

        private Now() {}

        private void addFile(HostPath path) {
            names.add(path);
            open.number(path).ifPresent(files::add);
        }

        private void addDirectory(HostPath path) {
            names.add(path);
            open.number(path).ifPresent(directories::add);
        }

        /** Without permission to read it, as in a plain user's {@code labeler plan}, only the directory is known. */
        private void addEntries(HostPath path) {
            if (open.open(path, OpenRequest.NAMED_DIRECTORY) instanceof OpenedFile directory) {
                try (directory) {
                    entries.list(directory, MOST_ENTRIES)
                            .forEach(
                                    entry -> open.number(path.child(entry.name().bytes()))
                                            .filter(number -> !directories.contains(number))
                                            .ifPresent(files::add));
                } catch (LinuxException e) {
                    // Its files are known all the same by the name of the directory.
                    return;
                }
            }
        }

        Belonging of(OpenedFile file) {
            if (files.contains(file.identity().withoutBirth())) {
                return Belonging.SERVICE;
            }
            return first(in(file.realPath().parent()), named(file.path()));
        }

        /** The owner of the file with this name, or of the file that would be made there. */
        Belonging ofName(HostPath path) {
            Belonging itself = open.number(path).filter(files::contains).isPresent() ? Belonging.SERVICE : named(path);
            return first(itself, ofDirectory(path.parent()));
        }

        /** Whether any of them is in this directory, at any depth. */
        boolean areBelow(OpenedFile directory) {
            FileIdentity number = directory.identity().withoutBirth();
            return Stream.of(places.directories(), places.programs(), places.files())
                    .flatMap(List::stream)
                    .anyMatch(place -> isAbove(number, place));
        }

        private boolean isAbove(FileIdentity directory, HostPath place) {
            HostPath child = place;
            while (!child.equals(child.parent())) {
                child = child.parent();
                if (open.number(child).equals(Optional.of(directory))) {
                    return true;
                }
            }
            return false;
        }

        /** The owner of files made in this directory. */
        Belonging ofDirectory(HostPath directory) {
            Belonging before = holders.get(directory);
            if (before != null) {
                return before;
            }
            Belonging found = looked(directory);
            remember(holders, directory, found);
            return found;
        }

        private Belonging looked(HostPath directory) {
            if (open.find(directory, OpenRequest.NAMED_DIRECTORY) instanceof OpenedFile found) {
                try (found) {
                    return first(in(directory), in(found.realPath()));
                }
            }
            return in(directory);
        }

        private Belonging named(HostPath path) {
            return names.contains(path) ? Belonging.SERVICE : in(path.parent());
        }

        private static Belonging first(Belonging one, Belonging other) {
            return one.compareTo(other) <= 0 ? one : other;
        }

        /** The belonging of files in this directory. */
        private Belonging in(HostPath directory) {
            Belonging found = below(directory);
            // Beside the VMs' directories, nothing belongs to a VM.
            return runtimeNames.contains(directory) ? Belonging.SERVICE : found;
        }

        /** The belonging of files below this directory, at any depth. Hundreds of files may be below the same ones. */
        private Belonging below(HostPath directory) {
            List<HostPath> undecided = new ArrayList<>();
            HostPath at = directory;
            Optional<Belonging> found = decided(at);
            while (found.isEmpty() && undecided.size() < MOST_ABOVE) {
                undecided.add(at);
                at = at.parent();
                found = decided(at);
            }
            found.ifPresent(belonging -> undecided.forEach(one -> remember(known, one, belonging)));
            // So far below, nobody has looked whether it is the service's.
            return found.orElse(Belonging.SERVICE);
        }

        /** Empty if the directories above it decide. */
        private Optional<Belonging> decided(HostPath directory) {
            Belonging before = known.get(directory);
            if (before != null) {
                return Optional.of(before);
            }
            Optional<FileIdentity> number = open.number(directory);
            if (number.filter(runtime::contains).isPresent() || directory.equals(places.runtimeDirectories())) {
                runtimeNames.add(directory);
                return Optional.of(Belonging.RUNTIME_DIRECTORY);
            }
            if (number.filter(directories::contains).isPresent() || names.contains(directory)) {
                return Optional.of(Belonging.SERVICE);
            }
            return directory.equals(directory.parent()) ? Optional.of(Belonging.ELSEWHERE) : Optional.empty();
        }

        private static void remember(Map<HostPath, Belonging> among, HostPath directory, Belonging belonging) {
            if (among.size() < MOST_KNOWN) {
                among.put(directory, belonging);
            }
        }
    }

    static Problem refused(HostPath path, Origin origin) {
        return new Problem(
                Problem.Kind.SERVICE_FILE,
                Optional.of(path),
                "is one of labeler's own files, or in its directories, and " + origin
                        + " names it: no VM may have it; name another file");
    }
}
