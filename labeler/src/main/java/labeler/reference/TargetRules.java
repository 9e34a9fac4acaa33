package labeler.reference;

import java.util.Optional;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.problem.Problem;

/** Decides which files a header may name, whatever its record says. Pure: it reads nothing but its arguments. */
public final class TargetRules {
    private static final int SEARCH = 1;
    private static final int READ = 4;
    private static final int READ_AND_WRITE = 6;

    private TargetRules() {}

    /** The reason why this file is not followed; empty if it is. */
    public static Optional<Problem> judge(HeaderTarget target, AllowedRoots grounds) {
        if (target.ofService()) {
            return Optional.of(ofService(target.path(), target.image()));
        }
        return never(target, grounds)
                .map(reason -> problem(
                        Problem.Kind.NOT_FROM_HEADER,
                        target,
                        reason + ", and no header may name one: declare it in the VM's definition if that is meant"))
                .or(() -> foreign(target, grounds))
                .or(() -> outside(target, grounds));
    }

    /** No definition may declare this file either. */
    public static Problem ofService(HostPath path, HostPath image) {
        return new Problem(
                Problem.Kind.NOT_FROM_HEADER,
                Optional.of(path),
                "the header of " + image.printable()
                        + " names it; a file of labeler's, and no VM may have one: take it out of the header");
    }

    private static Optional<String> never(HeaderTarget target, AllowedRoots grounds) {
        if (target.status().type() != FileType.REGULAR) {
            return Optional.of("a device");
        }
        if (grounds.isSystem(target.realPath()) || grounds.isSystem(target.path())) {
            return Optional.of("a file of the system");
        }
        return target.hostUse().map(use -> "a file that this host uses as " + use);
    }

    /** Whether the directories above a file count. Each takes a call, and a link leads through thousands of them. */
    public static boolean goesByDirectories(FileStatus image, FileStatus file) {
        return image.uid() != 0 && image.uid() != file.uid();
    }

    /** Root can open everything. It cannot be known whether its owner is in further groups. */
    private static Optional<Problem> foreign(HeaderTarget target, AllowedRoots grounds) {
        FileStatus image = target.imageStatus();
        FileStatus file = target.status();
        if (!goesByDirectories(image, file) || mayOpen(target) || isLibvirts(target, grounds)) {
            return Optional.empty();
        }
        return Optional.of(problem(
                Problem.Kind.NOT_FROM_HEADER,
                target,
                "it belongs to user " + file.uid() + ", and user " + image.uid()
                        + ", who owns the image, could not open"
                        + " it there (groups beside the image's own cannot be known): give both files one owner, or declare it in"
                        + " the VM's definition"));
    }

    /**
     * libvirt gives a chain to the user as whom it runs VMs, and gives only the top back: the former owners of the rest
     * can no longer be known. Parts of an image come and go with it.
     */
    private static boolean isLibvirts(HeaderTarget target, AllowedRoots grounds) {
        return switch (target.role()) {
            case BACKING, PARENT ->
                grounds.isVmUser(target.imageStatus().uid())
                        || grounds.isVmUser(target.status().uid());
            case IMAGE, DATA_FILE, EXTENT -> false;
        };
    }

    private static boolean mayOpen(HeaderTarget target) {
        FileStatus image = target.imageStatus();
        return allows(target.status(), image, target.written() ? READ_AND_WRITE : READ)
                && target.directories().stream()
                        .allMatch(directory -> directory
                                .filter(status -> allows(status, image, SEARCH))
                                .isPresent());
    }

    /** By owner, one group and mode, in the kernel's order: the first that fits decides. */
    private static boolean allows(FileStatus file, FileStatus image, int needed) {
        int bits = image.uid() == file.uid()
                ? file.mode() >> 6
                : image.gid() == file.gid() ? file.mode() >> 3 : file.mode();
        return (bits & needed) == needed;
    }

    private static Optional<Problem> outside(HeaderTarget target, AllowedRoots grounds) {
        if (grounds.isInside(target.realPath())) {
            return Optional.empty();
        }
        return Optional.of(problem(
                Problem.Kind.OUTSIDE_ROOTS,
                target,
                (target.realPath().equals(target.path())
                                ? "it"
                                : "it is " + target.realPath().printable() + ", which")
                        + " lies in no directory where images are expected ("
                        + String.join(
                                ", ",
                                grounds.roots().stream()
                                        .map(root -> root.printable())
                                        .toList())
                        + "): add its directory to image.roots, or declare it in the VM's definition"));
    }

    private static Problem problem(Problem.Kind kind, HeaderTarget target, String message) {
        return new Problem(
                kind,
                Optional.of(target.path()),
                "the header of " + target.image().printable() + " names it as its "
                        + target.role().word() + "; " + message);
    }
}
