package labeler.guard.judge;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.guard.relay.Command;
import labeler.guard.sense.Meaning;
import labeler.guard.sense.Objection;
import labeler.guard.sense.SettledHolds;
import labeler.lifecycle.follow.TakeOutcome;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;

/** The preparations before a command is sent. */
sealed interface Prepared {
    /** Nothing has changed. */
    record Refused(Objection objection) implements Prepared {}

    /**
     * The command can be sent.
     *
     * @param asked the name of the client's command
     * @param command as qemu gets it
     * @param descriptors that go with it
     * @param taken the files that it got; empty if it needs none
     * @param done how its holds end once qemu has done it
     * @param sets of descriptors that were made for it
     * @param received the file of the descriptor that the client has sent
     */
    record Ready(
            long number,
            String asked,
            Command command,
            List<Descriptor> descriptors,
            Meaning meaning,
            Optional<TakeOutcome.Taken> taken,
            SettledHolds.Done done,
            List<Long> sets,
            Optional<HostPath> received)
            implements Prepared {
        Map<HostPath, ImageFormat> headers() {
            return meaning.headers();
        }
    }
}
