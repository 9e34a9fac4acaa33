package labeler.explain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.lifecycle.VmView;
import labeler.linux.Access;
import labeler.linux.AttributeName;
import labeler.linux.DeviceNumber;
import labeler.linux.Errno;
import labeler.linux.ExtendedAttributes;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.selinux.StoredLabel;
import labeler.work.FileSystemTask;
import labeler.work.FileSystemWork;
import labeler.work.WhenLate;
import labeler.work.WorkFileSystem;

/** Finds the file that a denial or a person means, and who holds it. It only looks, and opens nothing. */
final class HeldFileSearch {
    private static final OpenRequest ANY =
            new OpenRequest(Access.READ_ONLY, EnumSet.allOf(FileType.class), OpenRequest.Links.FOLLOW);

    private static final Path PARTITIONS = Path.of("/proc/partitions");

    /** Major and minor number, blocks, name (proc(5)). */
    private static final Pattern PARTITION = Pattern.compile(" *(\\d{1,6}) +(\\d{1,7}) +\\d+ +(\\S+)");

    /** A file system without a block device, such as NFS. */
    private static final Pattern ANONYMOUS = Pattern.compile("(\\d{1,6}):(\\d{1,7})");

    private final SafeOpen open;
    private final ExtendedAttributes attributes;
    private final FileSystemWork work;
    private final List<VmView> vms;

    /**
     * The numbers by which a denial tells its file.
     *
     * @param inode number of the file
     * @param device number of its file system, as st_dev has it
     */
    private record Told(OptionalLong inode, Optional<Long> device) {
        /** Whether this is the file of the denial; empty if that cannot be told by numbers. */
        Optional<Boolean> is(FileIdentity identity) {
            return inode.isEmpty()
                    ? Optional.empty()
                    : Optional.of(identity.inode() == inode.getAsLong()
                            && device.filter(number -> number != identity.device())
                                    .isEmpty());
        }
    }

    HeldFileSearch(SafeOpen open, ExtendedAttributes attributes, FileSystemWork work, List<VmView> vms) {
        this.open = open;
        this.attributes = attributes;
        this.work = work;
        this.vms = List.copyOf(vms);
    }

    /** The file that a person names. */
    Facts.File named(HostPath path) {
        Look look = looks(Set.of(path)).getOrDefault(path, new Look.NotLooked());
        Optional<FileIdentity> now =
                look instanceof Look.Present(FileIdentity identity, _) ? Optional.of(identity) : Optional.empty();
        Told told = new Told(OptionalLong.empty(), Optional.empty());
        return new Facts.File(path, look, holds(Optional.of(path), told, now));
    }

    /**
     * The file of each denial; none for one that has only a part of its name and that no VM holds. A guest can have any
     * file of the host named in a denial: one that no VM holds is not looked at. The kernel would also deny that to the
     * service, and the log would have one more denial for each that is explained.
     */
    Map<Denial, Facts.File> denied(Collection<Denial> denials) {
        Map<Denial, Meant> meant = new HashMap<>();
        denials.forEach(denial -> meant(denial).ifPresent(one -> meant.put(denial, one)));
        Map<HostPath, Look> looks = looks(meant.values().stream()
                .filter(one -> !one.holds().isEmpty())
                .map(Meant::path)
                .collect(Collectors.toSet()));
        Map<Denial, Facts.File> files = new HashMap<>();
        meant.forEach((denial, one) -> {
            Look look = one.holds().isEmpty()
                    ? new Look.NotLooked()
                    : looks.getOrDefault(one.path(), new Look.NotLooked());
            files.put(denial, new Facts.File(one.path(), look, one.holds()));
        });
        return files;
    }

    /** The file of a denial, and who holds it. */
    private record Meant(HostPath path, List<Facts.Hold> holds) {}

    private Optional<Meant> meant(Denial denial) {
        Told told = new Told(denial.inode(), denial.device().flatMap(HeldFileSearch::device));
        List<Facts.Hold> holds = holds(denial.path(), told, Optional.empty());
        return denial.path()
                .or(() -> holds.stream().findFirst().map(hold -> hold.file().path()))
                .map(path -> new Meant(path, holds));
    }

    /** Looks at each name, on the threads of its file system: one that does not answer keeps no other look waiting. */
    private Map<HostPath, Look> looks(Set<HostPath> paths) {
        Map<HostPath, Look> looks = new HashMap<>();
        work.each(paths, Function.identity(), WhenLate.END, (path, _) -> look(path))
                .forEach((path, outcome) -> looks.put(path, outcome.or(Look.Silent::new)));
        return looks;
    }

    private Look look(HostPath path) {
        try {
            Optional<FileIdentity> found =
                    open.look(path).map(FileStatus::identity).map(FileIdentity::withoutBirth);
            return found.isPresent() ? new Look.Present(found.get(), label(path)) : new Look.Nothing();
        } catch (LinuxException e) {
            // A link has led to a file system that does not answer: the call was not made.
            Optional<WorkFileSystem> silent = work.current().flatMap(FileSystemTask::refusedBy);
            return e.errno() == Errno.ETIMEDOUT && silent.isPresent()
                    ? new Look.Silent(silent.get())
                    : new Look.Nothing();
        }
    }

    private List<Facts.Hold> holds(Optional<HostPath> path, Told told, Optional<FileIdentity> now) {
        return vms.stream()
                .flatMap(vm -> vm.files().stream().map(file -> new Facts.Hold(vm, file)))
                .filter(hold -> isIt(hold, path, told, now))
                .toList();
    }

    /** By the numbers where they are known: the same name may lead elsewhere in another mount namespace, or by now. */
    private static boolean isIt(Facts.Hold hold, Optional<HostPath> path, Told told, Optional<FileIdentity> now) {
        Optional<FileIdentity> held = hold.file().identity().map(FileIdentity::withoutBirth);
        Optional<Boolean> byDenial = held.flatMap(told::is);
        if (byDenial.isPresent()) {
            return byDenial.get();
        }
        return (held.isPresent() && held.equals(now))
                || path.equals(Optional.of(hold.file().path()));
    }

    private Optional<String> label(HostPath path) {
        if (!(open.find(path, ANY) instanceof OpenedFile file)) {
            return Optional.empty();
        }
        try (file) {
            return attributes
                    .get(file, AttributeName.SECURITY_SELINUX)
                    .map(StoredLabel::of)
                    .map(StoredLabel::printable);
        } catch (LinuxException e) {
            return Optional.empty();
        }
    }

    /**
     * The number of the device that a denial names, as st_dev has it; empty if this host does not tell. In /proc/partitions,
     * which the service's domain may read, and not in /sys, which it may not.
     */
    private static Optional<Long> device(String name) {
        Matcher anonymous = ANONYMOUS.matcher(name);
        if (anonymous.matches()) {
            return Optional.of(number(anonymous));
        }
        try (Stream<String> lines = Files.lines(PARTITIONS, StandardCharsets.US_ASCII)) {
            return lines.map(PARTITION::matcher)
                    .filter(line -> line.matches() && line.group(3).equals(name))
                    .findFirst()
                    .map(HeldFileSearch::number);
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static long number(Matcher numbers) {
        return DeviceNumber.of(Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2)));
    }
}
