package labeler.server.endpoint;

import jakarta.inject.Inject;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import labeler.vm.VmName;

/**
 * Domains of which libvirt has said that they come from another host, until they start here. Their XML has a number since
 * then, by which the start is known: a migration may come to nothing before its start, and somebody may start the domain by
 * hand then. After a restart of the service a start with a number is one as any other.
 */
final class ArrivingDomains {
    /** Far more than come to a host at one time. */
    static final int MOST = 1000;

    private final Map<VmName, String> domains = new LinkedHashMap<>();

    @Inject
    ArrivingDomains() {}

    /** A number for a domain that may come. */
    static String number() {
        return UUID.randomUUID().toString();
    }

    /** It comes, with this number and no earlier one. If too many do, the one that was told of first is forgotten. */
    synchronized void expect(VmName name, String number) {
        domains.remove(name);
        if (domains.size() >= MOST) {
            Iterator<VmName> first = domains.keySet().iterator();
            first.next();
            first.remove();
        }
        domains.put(name, number);
    }

    /**
     * A domain starts now with this number in its XML.
     *
     * @return whether it was expected; it is not any more
     */
    synchronized boolean arrive(VmName name, Optional<String> number) {
        return number.isPresent() && domains.remove(name, number.get());
    }

    /** It does not come after all. */
    synchronized void forget(VmName name) {
        domains.remove(name);
    }
}
