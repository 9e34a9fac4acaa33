package labeler.lifecycle.acquisition;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.journal.VmRecord;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.hold.Holdings;
import labeler.linux.HostPath;
import labeler.plan.HeldFiles;
import labeler.problem.Problem;
import labeler.vm.ImageChain;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;

/** The reason for which a VM that runs takes files: a disk, a command. */
public interface FileJoin {
    VmName vm();

    HoldTrigger trigger();

    /** The user who asks. Files are made and handed over for root alone, since the service does so with its rights. */
    int asker();

    /** The owner of files that are made; empty if none may be made. */
    Optional<StartRequest.Owner> owner();

    /** Whether somebody waits for the answer, so that files which come too late go back. */
    default boolean isAwaited() {
        return true;
    }

    /** The chains of files that the VM has had before, as its manager has them; empty for files that nothing has given it. */
    default Optional<VmDefinition> account() {
        return Optional.empty();
    }

    /** The held files that the plan has to respect. */
    default HeldFiles held(Holdings holdings) {
        return holdings;
    }

    /** The reason why this VM can take nothing now. Runs with the lock held. */
    Optional<Problem> obstacle(VmRecord vm);

    /** How qemu is told of these files. Runs with the lock held. */
    JoiningFiles.Rewriting rewrite(List<ImageChain> chains, Predicate<HostPath> handed);

    /** The record of the files. */
    FileAcquisition.Taker taker(VmRecord vm);

    /** The files are on record. Runs with the lock held. */
    default void begun(VmRecord vm) {}

    /** Gives back files that are labelled, but cannot be handed over. */
    List<Problem> giveBack(VmRecord vm, List<FileHold> holds);

    /** Finishes the way back of files that could not be labelled, after their taker has left. */
    default List<Problem> mend(VmRecord vm, List<FileHold> holds) {
        return List.of();
    }
}
