package labeler.cluster;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import labeler.config.ClusterConfig;
import labeler.lifecycle.hold.Holdings;
import labeler.linux.LinuxException;
import labeler.registry.Answer;
import labeler.registry.HostName;
import labeler.registry.Refusal;
import labeler.registry.ReservedPair;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.registry.ToRestore;
import labeler.registry.etcd.EtcdAdministration;
import labeler.registry.etcd.EtcdAdministration.Names;
import labeler.registry.etcd.EtcdRegistry;
import labeler.storage.MountedStorages;
import labeler.vm.VmName;
import labeler.work.WorkEnd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work of a host in its cluster without being asked: it says that it is there, learns of storages, finishes the
 * ends that could not be told, and takes the place of hosts that were fenced.
 */
final class Upkeep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

    private static final long PROBE_SECONDS = 2;
    private static final int PROBES_A_ROUND = 5;
    private static final long CLOSING_SECONDS = 5;

    private final EtcdRegistry registry;
    private final EtcdAdministration administration;
    private final Parts parts;
    private final Registration registration;
    private final OtherHolders holders;
    private final LeftFiles left;
    private final Unrecorded unrecorded;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("cluster").daemon().factory());

    /** Touches the storages, any of which may hang. Work that needs only the registry goes on meanwhile. */
    private final ExecutorService storageWork = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("cluster-storages").daemon().factory());

    /** Touches them as well, and nothing else waits for it. */
    private final ExecutorService questions = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("cluster-labels").daemon().factory());

    private Future<?> tending = CompletableFuture.completedFuture(true);
    private Future<?> asking = CompletableFuture.completedFuture(true);
    private int probes;

    Upkeep(
            EtcdRegistry registry,
            EtcdAdministration administration,
            Parts parts,
            Registration registration,
            OtherHolders holders,
            LeftFiles left,
            Unrecorded unrecorded) {
        this.unrecorded = unrecorded;
        this.holders = holders;
        this.left = left;
        this.registration = registration;
        this.registry = registry;
        this.administration = administration;
        this.parts = parts;
    }

    /** The classes that the upkeep and the registration share. */
    record Parts(
            RegistryLink link,
            OwnClaims own,
            PairReserve reserve,
            SharedReturns returns,
            Takeover takeover,
            Holdings holdings,
            Places places) {}

    /**
     * All that is known of the cluster, and where its storages are mounted.
     *
     * @param unregistered how other shared file systems count
     */
    record Places(
            ClusterState state, KnownStorages known, MountedStorages mounted, ClusterConfig.Unregistered unregistered) {
        /** How a shared file system counts that is no registered storage, as far as this host knows. */
        @Override
        public ClusterConfig.Unregistered unregistered() {
            // One of which nobody has told this host yet may be the cluster's all the same.
            return known.isLearned() ? unregistered : ClusterConfig.Unregistered.REFUSE;
        }
    }

    /** VMs and files that stand in the registry, and not in the journal. */
    record Unrecorded(UnknownVms vms, ForgottenFiles files) {}

    void start() {
        var _ = executor.scheduleWithFixedDelay(this::probe, 0, PROBE_SECONDS, TimeUnit.SECONDS);
    }

    /** A silent registry is asked often, so that VMs need not wait long for it. */
    private void probe() {
        try {
            boolean wasReachable = parts.link().isReachable();
            // Nothing starts while the registry is filled again.
            boolean isAwaited = parts.link().awaited().isPresent();
            if (!wasReachable || isAwaited || probes % PROBES_A_ROUND == 0) {
                probes = 0;
                round();
            }
            probes++;
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            // An executor drops a task that throws, but this one has to run again.
            LOG.error("in the upkeep of the cluster", e);
        }
    }

    private void round() {
        if (parts.link().begin().isPresent() || isRefused(registry.beat())) {
            return;
        }
        parts.link().answered();
        learnStorages();
        parts.link().lookForRebuild();
        if (parts.link().isReachable() && parts.link().awaited().isEmpty()) {
            endTheEnded();
            unrecorded.files().leave();
            parts.reserve().refill(parts.link(), parts.holdings()::isReserved);
            if (registry.settle(parts.holdings().pairs())
                    instanceof Answer.Given<List<ToRestore>>(List<ToRestore> files)) {
                parts.own().restore(files);
            }
        }
        holders.ask(registry);
        if (tending.isDone() && !storageWork.isShutdown()) {
            tending = storageWork.submit(this::tendStorages);
        }
        if (asking.isDone() && !questions.isShutdown()) {
            asking = questions.submit(this::askForLabels);
        }
    }

    private void askForLabels() {
        try {
            left.ask();
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            LOG.error("in the upkeep of files that were left", e);
        }
    }

    private void tendStorages() {
        try {
            lookForProcesses();
            registration.register();
            holders.learn();
            if (parts.link().awaited().isEmpty()) {
                lookAtHosts();
                parts.own().restoring().stream()
                        .filter(parts.takeover()::record)
                        .forEach(parts.returns()::deleted);
            }
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            LOG.error("in the upkeep of the cluster's storages", e);
        }
    }

    private boolean isRefused(Optional<Refusal> refusal) {
        refusal.ifPresent(parts.link()::note);
        return refusal.isPresent();
    }

    private void learnStorages() {
        if (administration.storages()
                instanceof Answer.Given<Map<StorageName, Storage>>(Map<StorageName, Storage> storages)) {
            parts.places().known().now(storages);
        }
    }

    /** VMs that the registry has and this host has no more: they ended, or failed, while the registry was away. */
    private void endTheEnded() {
        Set<VmName> here = new HashSet<>();
        parts.holdings().vms().forEach(vm -> here.add(parts.returns().name(vm)));
        parts.own().explain(here);
        for (VmName vm : parts.own().vms()) {
            if (!here.contains(vm) && !parts.own().isUnderWay(vm) && isStillGone(vm) && hasEnded(vm)) {
                Optional<Refusal> _ =
                        parts.returns().leave(vm).or(() -> parts.returns().end(vm));
            }
        }
    }

    private boolean hasEnded(VmName vm) {
        return parts.own().unexplained(vm).isEmpty() || unrecorded.vms().isWithoutProcess(vm);
    }

    private void lookForProcesses() {
        unrecorded
                .vms()
                .look(parts.own().vms().stream()
                        .flatMap(vm -> parts.own().unexplained(vm).stream())
                        .filter(vm -> !ReservedPair.is(vm.name()) || !vm.files().isEmpty())
                        .toList());
    }

    /** Asked after {@link OwnClaims#isUnderWay}: a start puts a VM on record first, and ends its pending claim then. */
    private boolean isStillGone(VmName vm) {
        return ReservedPair.is(vm)
                ? !parts.own().files(vm).isEmpty()
                : parts.holdings().vm(vm).isEmpty();
    }

    private void lookAtHosts() {
        if (administration.names() instanceof Answer.Given<Names>(Names hosts)) {
            parts.places().state().remember(hosts.all());
            hosts.fenced().forEach(this::takeOver);
        }
    }

    private void takeOver(HostName host) {
        switch (registry.takeOver(host, mounted())) {
            case Answer.Given<List<ToRestore>>(List<ToRestore> files) -> {
                if (!files.isEmpty()) {
                    LOG.info("{} files of host {}, which was fenced, go back here", files.size(), host);
                }
                parts.own().restore(files);
            }
            case Answer.Refused<List<ToRestore>>(Refusal refusal) ->
                parts.link().note(refusal);
        }
    }

    private Set<StorageName> mounted() {
        Set<StorageName> mounted = new HashSet<>();
        for (StorageName name : parts.places().known().all().keySet()) {
            try {
                if (parts.places().mounted().root(name).isPresent()) {
                    mounted.add(name);
                }
            } catch (LinuxException e) {
                LOG.info("cannot tell whether storage {} is mounted: {}", name, e.getMessage());
            }
        }
        return mounted;
    }

    @Override
    public void close() {
        end(executor, CLOSING_SECONDS);
        // After the rounds, which give it work. A storage that hangs is not waited for.
        end(storageWork, 1);
        questions.shutdownNow();
        registry.close();
        administration.close();
    }

    private static void end(ExecutorService work, long seconds) {
        WorkEnd.await(
                work,
                seconds,
                () -> LOG.info("the cluster does not answer; what is left to tell is told by the next service"));
    }
}
