package labeler.lifecycle.follow;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import labeler.journal.HoldTrigger;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.acquisition.JoiningFiles;
import labeler.linux.HostPath;
import labeler.vm.ImageChain;
import labeler.vm.VmDefinition;

/**
 * Files that a command of a running VM needs.
 *
 * @param trigger the end of the holds
 * @param definition the uses. An image is an {@code ImageUse} with its format, also one that is only widened: as a
 *     {@code FileUse} it would be on record as a file without a header, and refused at the next start. A file that qemu
 *     would make is a {@code FileUse} with access {@code CREATE}
 * @param asker the user whose command it is; files are made and handed over for root alone, since the service does so
 *     with its own rights
 * @param owner the owner of files that are made
 * @param check of the files, before anything is changed
 * @param rewriting how the command looks if files are handed over
 */
public record WantedFiles(
        HoldTrigger trigger,
        VmDefinition definition,
        int asker,
        StartRequest.Owner owner,
        Check check,
        Rewriting rewriting) {
    /** Whether the files that were found are fit for the command. */
    @FunctionalInterface
    public interface Check {
        /** For any files. */
        Check NONE = _ -> true;

        /** Called without the lock, on a thread that may wait. */
        boolean isFit(NamedFiles files);

        /** The files that block nodes get alone: a node that interprets what is in them may come later. */
        default Set<HostPath> alone() {
            return Set.of();
        }
    }

    /** The way of a command with descriptors in place of names. */
    @FunctionalInterface
    public interface Rewriting {
        /**
         * The sets that the command needs. Called with the lock held, perhaps more than once.
         *
         * @param chains of the images that the definition names
         * @param handed whether the file of this name has to be handed over
         */
        JoiningFiles.Rewriting rewrite(List<ImageChain> chains, Predicate<HostPath> handed);
    }
}
