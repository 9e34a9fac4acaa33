package labeler.review;

import java.util.List;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.reference.ImageChange;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;

/** Whether the headers of a VM's images are believed. */
public sealed interface Judgement {
    /**
     * They are believed, and it is on record that the VM may write them. Everything else is recorded with the start or
     * the attach itself: one that fails changes nothing.
     *
     * @param changes of the images that were on record
     * @param unseen images that were not on record, and are now
     * @param seen images that the VM only reads, and whose references are believed
     */
    record Believed(
            ImageHold hold, Taken taken, List<ImageChange> changes, List<KnownImage> unseen, List<ImageChange> seen)
            implements Judgement {
        public Believed {
            changes = List.copyOf(changes);
            unseen = List.copyOf(unseen);
            seen = List.copyOf(seen);
        }
    }

    /** A VM let go of an image while the headers were read. They have to be read again. */
    record Outdated(HostPath image) implements Judgement {
        /** For a request that does not read them again. */
        public Problem problem() {
            return Problem.of(
                    Problem.Kind.CHANGED,
                    image,
                    "a VM that could write it has let go of it while its header was read; try again");
        }
    }

    /** They are not believed. Nothing is recorded, so a second request gets the same answer. */
    record NotBelieved(List<Problem> problems) implements Judgement {
        public NotBelieved {
            problems = List.copyOf(problems);
        }
    }
}
