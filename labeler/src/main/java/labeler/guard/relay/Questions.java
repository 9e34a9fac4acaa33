package labeler.guard.relay;

import java.time.Duration;
import java.util.List;
import labeler.linux.Descriptor;

/** The guard's own questions and commands to a qemu. No client sees them or the answers, and no judge judges them. */
public interface Questions {
    /**
     * Sends a command when it is its turn; for all threads.
     *
     * @param descriptors are closed when they are sent. Until the answer, or until the question is taken back, nobody else
     *     closes them
     */
    OwnQuestion ask(Command command, List<Descriptor> descriptors);

    /** The time for an answer: a qemu whose storage blocks its main loop answers late, or never. */
    default Duration patience() {
        return Duration.ofSeconds(30);
    }
}
