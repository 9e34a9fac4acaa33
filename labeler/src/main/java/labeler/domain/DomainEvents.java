package labeler.domain;

import labeler.vm.VmName;

/** Hears from libvirt's hook about domains. */
public interface DomainEvents {
    /** The domain is on record from now on, and libvirt starts it. */
    void started(VmName name);

    /** libvirt has ended the domain, or has not started it. */
    void ended(VmName name);
}
