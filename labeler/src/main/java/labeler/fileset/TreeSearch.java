package labeler.fileset;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.problem.Problem;
import labeler.reference.AllowedRoots;
import labeler.vm.DeclaredUse;

/** Finds the roots of directory trees. Files below them are looked at when they are labelled. */
record TreeSearch(SafeOpen open, ServiceFiles.Now service, ProgramFiles programs, OtherNames otherNames) {
    sealed interface Result {}

    record Found(OpenedFile root) implements Result {}

    record Refused(Problem problem) implements Result {}

    Result search(DeclaredUse.TreeUse use) {
        return switch (open.find(use.root(), OpenRequest.NAMED_DIRECTORY)) {
            case OpenRefusal refusal ->
                refused(
                        ChainProblems.kind(LinuxImageOpener.kind(refusal.reason())),
                        use,
                        refusal.detail() + "; " + use.origin() + " gives it to the guest");
            case OpenedFile root -> kept(use, root);
        };
    }

    private Result kept(DeclaredUse.TreeUse use, OpenedFile root) {
        boolean isKept = false;
        try {
            Optional<Refused> refused = unfit(use, root);
            if (refused.isPresent()) {
                return refused.get();
            }
            Found found = new Found(root);
            isKept = true;
            return found;
        } finally {
            if (!isKept) {
                root.close();
            }
        }
    }

    private Optional<Refused> unfit(DeclaredUse.TreeUse use, OpenedFile root) {
        boolean isOfService = Stream.concat(Stream.of(use.root()), otherNames.of(root).stream())
                .anyMatch(name -> service.ofDirectory(name) != ServiceFiles.Belonging.ELSEWHERE);
        if (isOfService || service.areBelow(root)) {
            return Optional.of(new Refused(ServiceFiles.refused(use.root(), use.origin())));
        }
        // A tree that keeps its labels, and is only read, harms no program.
        if ((use.access().isWriting() || !use.mayStay()) && programs.areBelow(root)) {
            return Optional.of(refused(
                    Problem.Kind.PROGRAM_FILE,
                    use,
                    "has the program of this VM in it, and " + use.origin()
                            + " would have it as the VM's; give the guest a directory without it"));
        }
        if (isOfSystem(root)) {
            return Optional.of(refused(
                    Problem.Kind.UNSUPPORTED,
                    use,
                    "is a directory of the system, or one of many owners, and " + use.origin()
                            + " would have all of it labelled for the VM; give it a directory of its own"));
        }
        return root.identity().birth().isPresent()
                ? Optional.empty()
                : Optional.of(refused(
                        Problem.Kind.LABELS_UNAVAILABLE,
                        use,
                        "is on a file system without birth times, so that its files could not be told apart later; move"
                                + " it to ext4, XFS or btrfs"));
    }

    /** Its other names and its inode tell, too: a bind mount may show it elsewhere. */
    private boolean isOfSystem(OpenedFile root) {
        if (!AllowedRoots.mayBeRoot(root.realPath())
                || otherNames.of(root).stream().anyMatch(name -> !AllowedRoots.mayBeRoot(name))) {
            return true;
        }
        Set<FileIdentity> system = numbers(AllowedRoots.system());
        FileIdentity itself = root.identity().withoutBirth();
        return system.contains(itself)
                || numbers(AllowedRoots.wide()).contains(itself)
                || open.above(root.realPath()).stream().anyMatch(system::contains);
    }

    private Set<FileIdentity> numbers(List<HostPath> names) {
        return names.stream().flatMap(name -> open.number(name).stream()).collect(Collectors.toSet());
    }

    private static Refused refused(Problem.Kind kind, DeclaredUse.TreeUse use, String message) {
        return new Refused(new Problem(kind, Optional.of(use.root()), message));
    }

    /** Files and trees of the VM itself that lie in one of its trees: each would get two labels. */
    static List<Problem> inside(List<VmFile> files) {
        List<Problem> problems = new ArrayList<>();
        for (VmFile tree : files) {
            if (!tree.isTree()) {
                continue;
            }
            HostPath root = tree.realPath().orElseThrow();
            files.stream()
                    .filter(file -> file.leaveReason().isEmpty()
                            && file.realPath()
                                    .filter(path -> path.isBelow(root))
                                    .isPresent())
                    .findFirst()
                    .map(file -> new Problem(
                            Problem.Kind.CONTRADICTION,
                            Optional.of(file.path()),
                            "lies in the tree " + tree.path() + " that the guest gets as well; keep the two apart"))
                    .ifPresent(problems::add);
        }
        return problems;
    }
}
