package labeler.domain;

import java.util.Optional;
import labeler.vm.VmName;

/** Hears from libvirt's hook about domains. */
public interface DomainEvents {
    /** libvirt is about to start the domain, which is not on record yet: so it does not run. */
    void starting(VmName name);

    /** The domain is on record from now on, and libvirt starts it. */
    void started(VmName name);

    /**
     * Why a domain that libvirt gives up runs all the same; empty if it does not. libvirt also gives up a start that was
     * refused, since a domain of that name runs that it does not know any more.
     */
    Optional<String> signOfLife(VmName name);

    /** libvirt has ended the domain, or has not started it. */
    void ended(VmName name);
}
