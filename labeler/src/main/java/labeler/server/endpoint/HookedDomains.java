package labeler.server.endpoint;

import jakarta.inject.Inject;
import java.util.Optional;
import labeler.domain.DomainEvents;
import labeler.guard.emulator.DomainLabels;
import labeler.guard.emulator.StartingDomain;
import labeler.guard.emulator.StartingDomains;
import labeler.vm.VmName;

/** All who have to hear of a domain's begin and end. */
record HookedDomains(StartingDomains starting, DomainLabels labels, DomainEvents events, Checks checks) {
    @Inject
    HookedDomains {}

    /** It is about to start. */
    void starting(VmName name) {
        events.starting(name);
    }

    /** Its files are labelled; the emulator of an adopted one may exchange its monitor from now on. */
    void started(StartingDomain domain) {
        // With a static label, and no process that is known, the next domain of this name looks like the last.
        checks.forget(domain.name());
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
        checks.forget(name);
        events.ended(name);
    }
}
