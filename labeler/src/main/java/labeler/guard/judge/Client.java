package labeler.guard.judge;

import java.util.List;
import java.util.function.Consumer;
import labeler.guard.relay.Judge;
import labeler.linux.Descriptor;
import labeler.linux.PeerIdentity;

/**
 * A command's sender, who waits for the verdict.
 *
 * @param descriptors that came with the command; they are closed unless they are passed on
 */
record Client(PeerIdentity peer, List<Descriptor> descriptors, Consumer<Judge.Verdict> verdict) {
    Client {
        descriptors = List.copyOf(descriptors);
    }

    void close() {
        descriptors.forEach(Descriptor::close);
    }
}
