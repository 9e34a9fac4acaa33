package labeler.server.endpoint;

import jakarta.inject.Inject;
import java.util.Optional;
import labeler.domain.DomainEvents;
import labeler.guard.emulator.DomainLabels;
import labeler.guard.emulator.StartingDomain;
import labeler.guard.emulator.StartingDomains;
import labeler.vm.VmName;

/** All who have to hear of a domain's begin and end. */
final class HookedDomains {
    private final StartingDomains starting;
    private final DomainLabels labels;
    private final DomainEvents events;

    @Inject
    HookedDomains(StartingDomains starting, DomainLabels labels, DomainEvents events) {
        this.starting = starting;
        this.labels = labels;
        this.events = events;
    }

    /** It is about to start. */
    void starting(VmName name) {
        events.starting(name);
    }

    /** Its files are labelled; its emulator may exchange its monitor from now on. */
    void started(StartingDomain domain) {
        labels.starts(domain);
        starting.announce(domain);
        events.started(domain.name());
    }

    /** It has ended, and could not be taken off the record: its end is tried again. */
    void lingers(VmName name) {
        events.started(name);
    }

    Optional<String> signOfLife(VmName name) {
        return events.signOfLife(name);
    }

    void ended(VmName name) {
        starting.withdraw(name);
        labels.ends(name);
        events.ended(name);
    }
}
