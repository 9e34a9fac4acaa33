package labeler.guard.emulator;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import labeler.linux.PeerIdentity;
import labeler.linux.Pid;
import labeler.vm.VmName;

/**
 * The domains between libvirt's hook and their qemu. libvirt writes the pid file of a domain before the process becomes
 * qemu, so the kernel's word about a peer and that file together tell which domain it is.
 */
public final class StartingDomains {
    /**
     * Between libvirt's hook and its qemu are the labels that libvirt sets itself, on a slow storage. An adopted domain may
     * start without a guard, so that nobody takes its announcement: it must not stay for as long as it runs.
     */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Map<VmName, Announced> starting = new ConcurrentHashMap<>();
    private final Function<VmName, Optional<Pid>> processes;
    private final LongSupplier nanoTime;

    /** @param processes the process that libvirt has started for a domain, by its pid file */
    public StartingDomains(Function<VmName, Optional<Pid>> processes) {
        this(processes, System::nanoTime);
    }

    StartingDomains(Function<VmName, Optional<Pid>> processes, LongSupplier nanoTime) {
        this.processes = processes;
        this.nanoTime = nanoTime;
    }

    private record Announced(StartingDomain domain, long since) {}

    /**
     * The process of an adopted domain may come from now on, once, and within some minutes. Of any other it would be qemu
     * itself that comes, and tells of a monitor of its own making.
     */
    public void announce(StartingDomain domain) {
        dropOld();
        withdraw(domain.name());
        if (domain.isAdopted()) {
            starting.put(domain.name(), new Announced(domain, nanoTime.getAsLong()));
        }
    }

    private void dropOld() {
        long now = nanoTime.getAsLong();
        starting.values().removeIf(announced -> now - announced.since() >= PATIENCE.toNanos());
    }

    /** It will not come any more. */
    public void withdraw(VmName name) {
        starting.remove(name);
    }

    /** The domain of this process, for the first who asks. Anybody asks: so the files are looked at last. */
    public Optional<StartingDomain> take(PeerIdentity peer) {
        dropOld();
        return List.copyOf(starting.values()).stream()
                .filter(announced -> announced.domain().isAtLevelOf(peer))
                .filter(announced -> processes.apply(announced.domain().name()).equals(Optional.of(peer.pid())))
                .filter(announced -> starting.remove(announced.domain().name(), announced))
                .map(Announced::domain)
                .findFirst();
    }
}
