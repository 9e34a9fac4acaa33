package labeler.review;

import java.util.List;
import labeler.problem.Problem;
import labeler.reference.ImageHold;

/** Whether the headers of a VM's images are believed. */
public sealed interface Judgement {
    /** They are, and it is on record that the VM may write them. */
    record Believed(ImageHold hold) implements Judgement {}

    record NotBelieved(List<Problem> problems) implements Judgement {
        public NotBelieved {
            problems = List.copyOf(problems);
        }
    }
}
