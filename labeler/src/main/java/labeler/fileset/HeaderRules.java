package labeler.fileset;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import labeler.linux.HostPath;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.problem.Problem;
import labeler.reference.AllowedRoots;
import labeler.reference.HeaderTarget;
import labeler.reference.TargetRules;

/** The files that headers may name on this host. */
public final class HeaderRules {
    private static final HostPath LIBVIRTS_QEMU = HostPath.of("/var/lib/libvirt/qemu");

    private final SafeOpen open;
    private final Optional<List<HostPath>> roots;
    private final HostFileUses uses;

    /**
     * The rules.
     *
     * @param roots from the settings; empty for the default
     */
    public HeaderRules(SafeOpen open, Optional<List<HostPath>> roots, HostFileUses uses) {
        this.open = open;
        this.roots = roots.map(List::copyOf);
        this.uses = uses;
    }

    HostFileUses.Now hostUses() {
        return uses.now();
    }

    /**
     * A problem for each file that is not to be followed.
     *
     * @param directories of the images that the definition names, by real paths
     */
    List<Problem> judge(List<HeaderTarget> targets, List<HostPath> directories) {
        if (targets.isEmpty()) {
            return List.of();
        }
        OptionalInt user = libvirtsUser();
        AllowedRoots grounds = roots.map(configured ->
                        new AllowedRoots(configured.stream().map(this::real).toList(), true, user))
                .orElseGet(() -> AllowedRoots.around(directories, user));
        return targets.stream()
                .flatMap(target -> TargetRules.judge(target, grounds).stream())
                .toList();
    }

    /** The owner of qemu's directory: libvirt gives it to the user for its VMs, set or built in. */
    private OptionalInt libvirtsUser() {
        return open.reach(LIBVIRTS_QEMU)
                .map(directory -> OptionalInt.of(directory.uid()))
                .orElse(OptionalInt.empty());
    }

    /** A directory without symbolic links; a directory that does not exist cannot contain any file. */
    private HostPath real(HostPath directory) {
        return switch (open.open(directory, OpenRequest.NAMED_DIRECTORY)) {
            case OpenedFile opened -> {
                try (opened) {
                    yield opened.realPath();
                }
            }
            case OpenRefusal _ -> directory;
        };
    }
}
