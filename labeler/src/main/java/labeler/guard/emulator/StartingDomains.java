package labeler.guard.emulator;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import labeler.linux.PeerIdentity;
import labeler.linux.Pid;
import labeler.vm.VmName;

/**
 * The domains between libvirt's hook and their qemu. libvirt writes the pid file of a domain before the process becomes
 * qemu, so the kernel's word about a peer and that file together tell which domain it is.
 */
public final class StartingDomains {
    private final Map<VmName, StartingDomain> starting = new ConcurrentHashMap<>();
    private final Function<VmName, Optional<Pid>> processes;

    /** @param processes the process that libvirt has started for a domain, by its pid file */
    public StartingDomains(Function<VmName, Optional<Pid>> processes) {
        this.processes = processes;
    }

    /** Its process may come from now on, once. */
    public void announce(StartingDomain domain) {
        starting.put(domain.name(), domain);
    }

    /** It will not come any more. */
    public void withdraw(VmName name) {
        starting.remove(name);
    }

    /** The domain of this process, for the first who asks. */
    public Optional<StartingDomain> take(PeerIdentity peer) {
        return List.copyOf(starting.values()).stream()
                .filter(domain -> processes.apply(domain.name()).equals(Optional.of(peer.pid())))
                .filter(domain -> domain.isAtLevelOf(peer))
                .filter(domain -> starting.remove(domain.name(), domain))
                .findFirst();
    }
}
