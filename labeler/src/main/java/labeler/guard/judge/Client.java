package labeler.guard.judge;

import java.util.List;
import java.util.function.Consumer;
import labeler.guard.relay.FirstVerdict;
import labeler.guard.relay.Judge;
import labeler.guard.relay.Refusal;
import labeler.linux.Descriptor;
import labeler.linux.PeerIdentity;

/**
 * A command's sender, who waits for the verdict.
 *
 * @param descriptors that came with the command; they are closed unless they are passed on
 */
record Client(PeerIdentity peer, List<Descriptor> descriptors, FirstVerdict verdict) {
    Client {
        descriptors = List.copyOf(descriptors);
    }

    static Client of(PeerIdentity peer, List<Descriptor> descriptors, Consumer<Judge.Verdict> verdict) {
        return new Client(peer, descriptors, new FirstVerdict(verdict));
    }

    void close() {
        descriptors.forEach(Descriptor::close);
    }

    /** After a fault of the guard: refused, unless it was decided before. Then its descriptors are on their way. */
    void refuseUndecided(Refusal refusal) {
        if (!verdict.isTold()) {
            close();
            verdict.accept(new Judge.Refuse(refusal));
        }
    }
}
