package labeler.lifecycle.acquisition;

import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import labeler.fileset.FileSet;
import labeler.journal.VmRecord;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.plan.HandoverSupport;
import labeler.plan.Plan;
import labeler.plan.PlannedFile;
import labeler.problem.Problem;
import labeler.vm.ChainLayer;
import labeler.vm.ImageChain;

/** Decides which files that join a running VM are handed over to its qemu. */
final class JoinHandover {
    private JoinHandover() {}

    /** The ways to treat files that carry no label. */
    static HandoverSupport passing(int asker) {
        return asker == 0
                ? new HandoverSupport.Possible()
                : new HandoverSupport.Impossible("the service hands files over to root alone: ask as root");
    }

    /** The reason why this VM can be given nothing for this user. */
    static Optional<Problem> refusal(VmRecord vm, int asker) {
        return vm.landlock() && asker != 0
                ? Optional.of(Problem.of(
                        Problem.Kind.LABELS_UNAVAILABLE,
                        "VM " + vm.name() + " is confined by Landlock, so that what joins it has to be handed over,"
                                + " and the service hands files over to root alone: ask as root"))
                : Optional.empty();
    }

    /** A Landlock ruleset cannot be widened: behind one, qemu gets every file as a descriptor. */
    static Predicate<HostPath> handed(VmRecord vm, FileSet files, Plan plan) {
        Set<HostPath> handed = plan.files().stream()
                .filter(file -> isHanded(file, vm.landlock()))
                .map(PlannedFile::path)
                .collect(Collectors.toSet());
        if (vm.landlock()) {
            files.chains().stream()
                    .flatMap(ImageChain::layers)
                    .map(ChainLayer::path)
                    .map(name -> files.names().getOrDefault(name, name))
                    .forEach(handed::add);
        }
        return name -> handed.contains(files.names().getOrDefault(name, name));
    }

    /** Landlock has no right for connecting to a socket by its name, so it hinders nobody. */
    private static boolean isHanded(PlannedFile file, boolean landlock) {
        boolean isSocket = file.file().type().equals(Optional.of(FileType.SOCKET));
        return switch (file.treatment()) {
            case PASS -> true;
            case LABEL -> landlock && !isSocket;
            case LEAVE, REFUSE -> false;
        };
    }
}
