package labeler.lifecycle.start;

import jakarta.inject.Inject;
import java.util.List;
import labeler.guard.emulator.DomainLabels;
import labeler.guard.place.GuardedVms;
import labeler.journal.VmRecord;

/** The work that goes on for the VMs that an earlier service started: launches are watched, monitors are guarded. */
public final class TakenOver implements AutoCloseable {
    private final LaunchWatch watch;
    private final GuardedVms guards;
    private final DomainLabels labels;

    @Inject
    TakenOver(LaunchWatch watch, GuardedVms guards, DomainLabels labels) {
        this.watch = watch;
        this.guards = guards;
        this.labels = labels;
    }

    /** Takes over these VMs. Call it before the first request. */
    public void begin(List<VmRecord> held) {
        guards.takeOver(held, (name, traits) -> labels.known(name, traits.isLabelledByLibvirt()));
        held.forEach(watch::takeOver);
    }

    /** The next service takes them over. */
    @Override
    public void close() {
        watch.close();
        guards.close();
    }
}
