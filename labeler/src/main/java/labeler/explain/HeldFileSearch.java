package labeler.explain;

import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import labeler.lifecycle.FileView;
import labeler.lifecycle.VmView;
import labeler.linux.Access;
import labeler.linux.AttributeName;
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
record HeldFileSearch(
        SafeOpen open, ExtendedAttributes attributes, FileSystemWork work, DeviceNames devices, List<VmView> vms) {
    private static final OpenRequest ANY =
            new OpenRequest(Access.READ_ONLY, EnumSet.allOf(FileType.class), OpenRequest.Links.FOLLOW);

    /** Object classes of device nodes. */
    private static final Set<String> NODES = Set.of("blk_file", "chr_file");

    HeldFileSearch {
        vms = List.copyOf(vms);
    }

    /** The file that a person names. */
    Facts.File named(HostPath path) {
        Look look = looks(Set.of(path)).getOrDefault(path, new Look.NotLooked());
        return new Facts.File(path, look, holds(file -> isNamed(file, path, look)));
    }

    private static boolean isNamed(FileView file, HostPath path, Look look) {
        return file.path().equals(path)
                || (look instanceof Look.Present there
                        && file.identity().map(FileIdentity::withoutBirth).equals(Optional.of(there.identity())));
    }

    /**
     * The file of each denial; none for one that has only a part of its name and that no VM holds. A guest can have any
     * file of the host named in a denial: one that no VM holds is not looked at. The kernel would also deny that to the
     * service, and the log would have one more denial for each that is explained.
     */
    Map<Denial, Facts.File> denied(Collection<Denial> denials) {
        Map<HostPath, Look> held = looks(underOtherNames(denials));
        Map<Denial, Meant> meant = new HashMap<>();
        denials.forEach(denial -> meant(denial, held).ifPresent(one -> meant.put(denial, one)));
        Map<HostPath, Look> looks = looks(meant.values().stream()
                .filter(one -> !one.holds().isEmpty())
                .map(Meant::path)
                .collect(Collectors.toSet()));
        Map<Denial, Facts.File> files = new HashMap<>();
        meant.forEach((denial, one) -> {
            Look look =
                    one.holds().isEmpty() ? new Look.NotLooked() : looks.getOrDefault(one.path(), new Look.NotLooked());
            files.put(denial, new Facts.File(one.path(), look, one.holds()));
        });
        return files;
    }

    /** The file of a denial, and who holds it. */
    private record Meant(HostPath path, List<Facts.Hold> holds) {}

    private Optional<Meant> meant(Denial denial, Map<HostPath, Look> held) {
        List<Facts.Hold> holds = holds(file -> isDenied(file, denial, held));
        return denial.path()
                .or(() -> holds.stream().findFirst().map(hold -> hold.file().path()))
                .map(path -> new Meant(path, holds));
    }

    /** By the numbers where they are known: the same name may lead elsewhere in another mount namespace, or by now. */
    private boolean isDenied(FileView file, Denial denial, Map<HostPath, Look> held) {
        if (file.identity().isEmpty() || denial.inode().isEmpty()) {
            return isAt(denial, file.path());
        }
        boolean isInode = isInode(file, denial);
        return isOnItsDevice(file, denial)
                .map(isOn -> isOn && isInode)
                .orElseGet(() -> (isInode && hasItsName(file, denial, held)) || isNode(file, denial));
    }

    /** libvirt gives a domain a /dev of its own, with nodes of its own. */
    private static boolean isNode(FileView file, Denial denial) {
        return NODES.contains(denial.objectClass()) && isAt(denial, file.path());
    }

    private static boolean isAt(Denial denial, HostPath path) {
        return denial.path().equals(Optional.of(path));
    }

    private static boolean isInode(FileView file, Denial denial) {
        return denial.inode().isPresent()
                && file.identity()
                        .filter(identity -> identity.inode() == denial.inode().getAsLong())
                        .isPresent();
    }

    /** Empty if that cannot be told by numbers. */
    private Optional<Boolean> isOnItsDevice(FileView file, Denial denial) {
        return file.identity()
                .flatMap(identity -> denial.device().flatMap(name -> devices.isOn(name, identity.device())));
    }

    /** Many file systems have an inode of one number; the whole name says which one it is, and else the last part. */
    private static boolean hasItsName(FileView file, Denial denial, Map<HostPath, Look> held) {
        if (denial.path().isEmpty()) {
            return denial.name()
                    .filter(name -> file.path().parent().child(name.bytes()).equals(file.path()))
                    .isPresent();
        }
        return isAt(denial, file.path())
                || (held.get(file.path()) instanceof Look.Present there && isAt(denial, there.realPath()));
    }

    /** Held files that may be those of denials, though their names are others: a link may be on the way. */
    private Set<HostPath> underOtherNames(Collection<Denial> denials) {
        return denials.stream()
                .filter(denial -> denial.path().isPresent())
                .flatMap(denial -> holds(file -> isInode(file, denial)
                                && isOnItsDevice(file, denial).isEmpty()
                                && !isAt(denial, file.path()))
                        .stream())
                .map(hold -> hold.file().path())
                .collect(Collectors.toSet());
    }

    private List<Facts.Hold> holds(Predicate<FileView> isIt) {
        return vms.stream()
                .flatMap(vm -> vm.files().stream().filter(isIt).map(file -> new Facts.Hold(vm, file)))
                .toList();
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
            return found.isPresent() ? present(path, found.get()) : new Look.Nothing();
        } catch (LinuxException e) {
            // A link has led to a file system that does not answer: the call was not made.
            Optional<WorkFileSystem> silent = work.current().flatMap(FileSystemTask::refusedBy);
            return e.errno() == Errno.ETIMEDOUT && silent.isPresent()
                    ? new Look.Silent(silent.get())
                    : new Look.Nothing();
        }
    }

    private Look present(HostPath path, FileIdentity identity) {
        if (!(open.find(path, ANY) instanceof OpenedFile file)) {
            return new Look.Present(identity, path, Optional.empty());
        }
        try (file) {
            return new Look.Present(identity, file.realPath(), label(file));
        }
    }

    private Optional<String> label(OpenedFile file) {
        try {
            return attributes
                    .get(file, AttributeName.SECURITY_SELINUX)
                    .map(StoredLabel::of)
                    .map(StoredLabel::printable);
        } catch (LinuxException e) {
            return Optional.empty();
        }
    }
}
