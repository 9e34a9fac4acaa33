package labeler.server.endpoint;

import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;
import labeler.vm.VmName;

/**
 * Domains of which libvirt has said that they come from another host, until they start here. It says so in its hook, and the
 * start, which follows in seconds, says no more of it. After a restart of the service such a start is one as any other.
 */
final class ArrivingDomains {
    /** Copies of disks that libvirt makes first take no part of this: they are made after the start. */
    static final Duration PATIENCE = Duration.ofMinutes(10);

    /** Far more than a host starts in that time. */
    static final int MOST = 1000;

    private final LongSupplier nanoTime;
    private final Map<VmName, Arriving> domains = new LinkedHashMap<>();

    @Inject
    ArrivingDomains() {
        this(System::nanoTime);
    }

    ArrivingDomains(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    private record Arriving(UUID uuid, long since) {}

    /** It comes. If too many do, the one that was told of first is forgotten. */
    synchronized void expect(VmName name, UUID uuid) {
        domains.remove(name);
        if (domains.size() >= MOST) {
            Iterator<VmName> first = domains.keySet().iterator();
            first.next();
            first.remove();
        }
        domains.put(name, new Arriving(uuid, nanoTime.getAsLong()));
    }

    /** Whether this domain, which starts now, has come. It has then come. */
    synchronized boolean hasCome(VmName name, Optional<UUID> uuid) {
        return Optional.ofNullable(domains.remove(name))
                .filter(arriving -> nanoTime.getAsLong() - arriving.since() < PATIENCE.toNanos())
                .filter(arriving -> uuid.equals(Optional.of(arriving.uuid())))
                .isPresent();
    }

    /** It does not come after all. */
    synchronized void forget(VmName name) {
        domains.remove(name);
    }
}
