package labeler.review;

import java.util.List;
import labeler.problem.Problem;
import labeler.reference.ImageChange;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;

/** Whether the headers of a VM's images are believed. */
public sealed interface Judgement {
    /**
     * They are, and it is on record that the VM may write them. All else comes on record with the start or the attach
     * itself: one that fails changes nothing.
     *
     * @param changes of the images that were on record
     * @param unseen images that were not, and are now
     */
    record Believed(ImageHold hold, List<ImageChange> changes, List<KnownImage> unseen) implements Judgement {
        public Believed {
            changes = List.copyOf(changes);
            unseen = List.copyOf(unseen);
        }
    }

    /** Nothing of it is on record: who asks again is told the same. */
    record NotBelieved(List<Problem> problems) implements Judgement {
        public NotBelieved {
            problems = List.copyOf(problems);
        }
    }
}
