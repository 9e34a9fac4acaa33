package labeler.guard.place;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import labeler.guard.relay.Judges;
import labeler.guard.relay.Relays;
import labeler.journal.GuardRecord;
import labeler.journal.GuardSet;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.lifecycle.GuardState;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.qmp.Monitor;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All VMs with a guard before their monitor. Safe for use by many threads. */
public final class GuardedVms implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedVms.class);

    /** The file name of the guarded socket in a VM's runtime directory. */
    public static final String SOCKET = "qmp.sock";

    /** libvirt's daemon runs as root. */
    private static final int ROOT = 0;

    /** The process listens already, so only a busy host takes time. labeler-emulator waits longer. */
    private static final Duration REACHED_WITHIN = Duration.ofSeconds(10);

    /** The place of the one of a domain's sockets at which libvirt connects. */
    private static final int LIBVIRTS = 0;

    /** For the answers to commands when the service ends: qemu needs milliseconds, and systemd waits for half a minute. */
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(3);

    private final GuardMeans means;
    private final Journal journal;
    private final Map<VmName, GuardedVm> vms = new ConcurrentHashMap<>();

    @Inject
    GuardedVms(RealMonitors monitors, ClientRules rules, Linux linux, Relays relays, Judges judges, Journal journal) {
        this.means = new GuardMeans(monitors, rules, linux, relays, judges);
        this.journal = journal;
    }

    /**
     * Puts a guard before the monitor of a VM that is on record and whose qemu does not run yet.
     *
     * @param sets the file of each set of descriptors that qemu starts with
     * @return the socket at which qemu is to listen; the caller closes it
     * @throws IOException where it cannot, with a reason; nothing is left then
     */
    public Descriptor place(VmRecord vm, GuardRecord guard, Map<Long, HostPath> sets) throws IOException {
        remove(vm.name());
        means.monitors().make(vm.name());
        boolean isPlaced = false;
        Optional<Descriptor> bound = Optional.empty();
        try {
            bound = Optional.of(means.monitors().bind(vm));
            GuardedVm guarded =
                    new GuardedVm(vm, guard, new PlacedSockets(guard, means).open(), Optional.empty(), means);
            vms.put(vm.name(), guarded);
            journal.recordGuard(guard);
            journal.recordSets(
                    vm.name(),
                    sets.entrySet().stream()
                            .collect(Collectors.toMap(Map.Entry::getKey, set -> new GuardSet(set.getValue(), true))));
            guarded.begin();
            isPlaced = true;
            return bound.get();
        } finally {
            if (!isPlaced) {
                bound.ifPresent(Descriptor::close);
                remove(vm.name());
            }
        }
    }

    /**
     * Puts a guard before a monitor at which qemu listens already. Its socket gets another name, by which only the
     * service reaches it, and the guarded one takes its place. It is on record before that, so that a service which is
     * killed meanwhile leaves no monitor without a name.
     *
     * @param guard with the place of the monitor alone
     * @throws IOException where it cannot, with a reason; the monitor is where it was then
     */
    public void attach(VmRecord vm, GuardRecord guard) throws IOException {
        means.monitors().make(vm.name());
        Path real = means.monitors().socket(vm.name());
        boolean isMoved = false;
        boolean isPlaced = false;
        try (HeldName name = HeldName.of(means.linux().open(), guard.places().getFirst())) {
            journal.recordGuard(guard);
            name.move(real);
            isMoved = true;
            GuardedVm guarded =
                    new GuardedVm(vm, guard, new PlacedSockets(guard, means).open(), Optional.empty(), means);
            vms.put(vm.name(), guarded);
            guarded.begin();
            isPlaced = true;
        } finally {
            if (!isPlaced) {
                GuardedVm failed = vms.remove(vm.name());
                if (failed != null) {
                    failed.remove();
                }
                if (isMoved) {
                    putBack(real, guard);
                }
                means.monitors().remove(vm.name());
                journal.removeGuard(vm.name());
            }
        }
    }

    private void putBack(Path real, GuardRecord guard) throws IOException {
        try (HeldName name = HeldName.of(means.linux().open(), guard.places().getFirst())) {
            name.giveTo(real);
        }
    }

    /** Gives the process that will be qemu a socket, and returns when it listens there. */
    @FunctionalInterface
    public interface Giving {
        void give(Descriptor bound) throws IOException;
    }

    /**
     * Puts a guard between libvirt and the monitor of a domain. It is not on record: whether it outlives this service is
     * up to systemd, which keeps the sockets, and libvirt ends the domain otherwise.
     *
     * @param vm with its process, which is about to be qemu
     * @param manager accepts libvirt; the guard's from now on
     * @throws IOException where it cannot, with a reason; nothing is left then
     */
    public void place(VmRecord vm, DomainTraits traits, ServerSocketChannel manager, Giving giving) throws IOException {
        remove(vm.name());
        Path directory = means.monitors().make(vm.name());
        KeptSockets kept = means.monitors().kept(vm.name());
        boolean isPlaced = false;
        try {
            try (Descriptor bound = means.monitors().bind(vm)) {
                giving.give(bound);
            }
            new KeptDomain(traits, vm.process().orElseThrow()).write(directory);
            kept.keepPlace(LIBVIRTS, manager);
            GuardedVm guarded =
                    guarded(vm, traits, manager, KeptConnections.begin(vm.name(), kept, StateFile.open(directory)));
            begin(guarded);
            if (guarded.monitor(REACHED_WITHIN).isEmpty()) {
                throw new IOException("the place for qemu's monitor socket cannot be reached");
            }
            isPlaced = true;
        } finally {
            if (!isPlaced) {
                remove(vm.name());
            }
        }
    }

    /**
     * Takes over the guards that the last service had, for VMs that still run.
     *
     * @param domains is told what is known of each domain of libvirt's before it is guarded again
     */
    public void takeOver(Collection<VmRecord> held, BiConsumer<VmName, DomainTraits> domains) {
        means.monitors().keepOnly(held.stream().map(VmRecord::name).toList());
        Map<VmName, VmRecord> byName = held.stream().collect(Collectors.toMap(VmRecord::name, Function.identity()));
        try {
            for (GuardRecord guard : journal.guards()) {
                VmRecord vm = byName.get(guard.vm());
                if (vm != null) {
                    finishMove(guard);
                    begin(new GuardedVm(
                            vm, guard, new PlacedSockets(guard, means).takeOver(), Optional.empty(), means));
                }
            }
        } catch (JournalException e) {
            LOG.error("guards cannot be taken over: {}", e.getMessage());
        }
        for (VmRecord vm : held) {
            if (!vms.containsKey(vm.name())) {
                takeOverDomain(vm, domains);
            }
        }
        means.monitors().dropTheRest();
    }

    /** A service that was killed while it attached a guard may have left the monitor at its place. */
    private void finishMove(GuardRecord guard) {
        Path real = means.monitors().socket(guard.vm());
        if (Files.isDirectory(means.monitors().directory(guard.vm())) && !Files.exists(real)) {
            try (HeldName name =
                    HeldName.of(means.linux().open(), guard.places().getFirst())) {
                if (name.exists()) {
                    name.move(real);
                }
            } catch (IOException e) {
                LOG.error("VM {}: its monitor cannot be guarded: {}", guard.vm(), e.getMessage());
            }
        }
    }

    /** A domain of libvirt's goes on if systemd has kept libvirt's socket. Otherwise libvirt ends it. */
    private void takeOverDomain(VmRecord vm, BiConsumer<VmName, DomainTraits> domains) {
        Path directory = means.monitors().directory(vm.name());
        KeptSockets kept = means.monitors().kept(vm.name());
        try {
            Optional<KeptDomain> domain = KeptDomain.read(directory);
            if (domain.isEmpty()) {
                return;
            }
            Optional<ServerSocketChannel> manager = kept.place(LIBVIRTS);
            if (manager.isEmpty()) {
                LOG.error("domain {}: nothing kept libvirt's connection to its monitor, so libvirt ends it", vm.name());
                return;
            }
            domains.accept(vm.name(), domain.get().traits());
            KeptConnections connections = KeptConnections.takeOver(vm.name(), kept, StateFile.open(directory));
            begin(guarded(vm.runBy(domain.get().process()), domain.get().traits(), manager.get(), connections));
        } catch (IOException e) {
            LOG.error("domain {}: its guard cannot be taken over: {}", vm.name(), e.getMessage());
        }
    }

    private GuardedVm guarded(
            VmRecord vm, DomainTraits traits, ServerSocketChannel manager, KeptConnections connections) {
        GuardRecord guard = new GuardRecord(vm.name(), ROOT, traits.isWhole(), List.of());
        KeptSockets kept = means.monitors().kept(vm.name());
        GuardedSocket socket = GuardedSocket.of(manager).kept(() -> kept.dropPlace(LIBVIRTS));
        return new GuardedVm(vm, guard, List.of(socket), Optional.of(connections), means);
    }

    private void begin(GuardedVm guarded) {
        vms.put(guarded.guard().vm(), guarded);
        guarded.begin();
    }

    /** Removes the guard of a VM that has ended, if it had one. */
    public void remove(VmName vm) {
        GuardedVm guarded = vms.remove(vm);
        if (guarded != null) {
            guarded.remove();
        }
        means.monitors().remove(vm);
    }

    /** How far a VM is guarded. */
    public GuardState state(VmName vm) {
        return guard(vm)
                .map(guard -> guard.isWhole() ? GuardState.ON : GuardState.PARTIAL)
                .orElse(GuardState.OFF);
    }

    /** The guarded socket of a VM, the first one; empty without a guard. */
    public Optional<Path> socket(VmName vm) {
        return guard(vm).flatMap(guard -> guard.places().stream().findFirst()).map(HostPath::jdkPath);
    }

    /** Whether the guard of a VM listens at this place. */
    public boolean serves(VmName vm, HostPath place) {
        return guard(vm).filter(guard -> guard.places().contains(place)).isPresent();
    }

    private Optional<GuardRecord> guard(VmName vm) {
        return Optional.ofNullable(vms.get(vm)).map(GuardedVm::guard);
    }

    /** The monitor of a guarded VM, for the service itself; empty if it is not reached in time. */
    public Optional<Monitor> monitor(VmName vm, Duration patience) {
        return Optional.ofNullable(vms.get(vm)).flatMap(guarded -> guarded.monitor(patience));
    }

    /** Waits, for a limited time, until the guard of a VM has settled what its qemu tells now. */
    public void awaitSettled(VmName vm, Duration patience) {
        Optional.ofNullable(vms.get(vm)).ifPresent(guarded -> guarded.awaitSettled(patience));
    }

    /** Clients see the end of their connections, except libvirt; the next service takes over. */
    @Override
    public void close() {
        try {
            CompletableFuture.allOf(vms.values().stream().map(GuardedVm::rest).toArray(CompletableFuture[]::new))
                    .get(LAST_ANSWERS.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.info("commands of libvirt's are under way; the next service has the answers");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        vms.values().forEach(GuardedVm::close);
        try {
            means.relays().close();
        } catch (IOException e) {
            LOG.warn("while ending guards: {}", e.getMessage());
        }
    }
}
