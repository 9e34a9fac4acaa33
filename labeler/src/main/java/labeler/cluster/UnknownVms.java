package labeler.cluster;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.linux.FileIdentity;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.mcs.ProcessContexts;
import labeler.openfiles.Look;
import labeler.openfiles.ProcessDescriptors;
import labeler.registry.Mine;
import labeler.registry.SharedFile;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.storage.MountedStorages;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * VMs that the registry has under this host's name, and the journal has not: it was lost, or a start was cut off. Their
 * processes may run. They are looked for before anything goes back: at the VM's pair, and by the VM's files.
 *
 * <p>Without SELinux no process has a pair, and what it has open may be looked at only with the right to trace it, which the
 * service has not. Silence is an end then only where the journal was not lost: else such a VM keeps all it has until the
 * next boot.
 */
final class UnknownVms {
    private static final Logger LOG = LoggerFactory.getLogger(UnknownVms.class);

    /** Which is no VM's. Every user sees it, unless procfs hides the processes of others. */
    private static final Pid FIRST = new Pid(1);

    private final Processes processes;
    private final ProcessContexts contexts;
    private final ProcessDescriptors descriptors;
    private final MountedStorages storages;
    private final boolean isJournalWhole;

    private volatile Set<VmName> withoutProcess = Set.of();

    /** VMs that run, of which the log has been told. */
    private final Set<VmName> told = new HashSet<>();

    /** Those of which the log has been told that nobody can tell. */
    private final Set<VmName> toldUnclear = new HashSet<>();

    /** @param isJournalWhole whether the journal was not lost in this boot */
    UnknownVms(
            Processes processes,
            ProcessContexts contexts,
            ProcessDescriptors descriptors,
            MountedStorages storages,
            boolean isJournalWhole) {
        this.isJournalWhole = isJournalWhole;
        this.processes = processes;
        this.contexts = contexts;
        this.descriptors = descriptors;
        this.storages = storages;
    }

    /** A file by its numbers: what is open tells no birth time. */
    private record Numbers(long device, long inode) {
        static Numbers of(FileIdentity identity) {
            return new Numbers(identity.device(), identity.inode());
        }
    }

    /** Looks for the processes of these. A storage may hang. */
    void look(Collection<Mine.HostedVm> vms) {
        withoutProcess = ended(vms);
    }

    /** Whether no process of this host belonged to it at the last look. */
    boolean isWithoutProcess(VmName vm) {
        return withoutProcess.contains(vm);
    }

    private Set<VmName> ended(Collection<Mine.HostedVm> vms) {
        if (vms.isEmpty()) {
            return Set.of();
        }
        try {
            Set<CategoryPair> pairs =
                    contexts.levels(Optional.empty()).stream().map(Level::pair).collect(Collectors.toSet());
            Open open = open();
            Optional<String> unclear = unclear(open);
            Set<VmName> ended = new HashSet<>();
            for (Mine.HostedVm vm : vms) {
                Optional<String> use = pairs.contains(vm.pair())
                        ? Optional.of("a process has its pair " + vm.pair())
                        : use(vm, open.files());
                if (use.isPresent()) {
                    tell(vm.name(), use.get());
                } else if (unclear.isPresent() && !isJournalWhole) {
                    tellUnclear(vm.name(), unclear.get());
                } else {
                    ended.add(vm.name());
                }
            }
            return ended;
        } catch (LinuxException e) {
            LOG.warn("cannot tell whether VMs run that only the cluster's registry knows: {}", e.getMessage());
            return Set.of();
        }
    }

    private void tell(VmName vm, String why) {
        if (told.add(vm)) {
            LOG.warn(
                    "VM {} is in the cluster's registry and not in the journal, and seems to run: {}; it keeps its files and"
                            + " its pair until that has ended",
                    vm,
                    why);
        }
    }

    private void tellUnclear(VmName vm, String why) {
        if (toldUnclear.add(vm)) {
            LOG.warn(
                    "VM {} is in the cluster's registry and not in the journal, and whether it runs cannot be told: {}; it"
                            + " keeps its files and its pair until this host has booted again, or until the service has run once"
                            + " with CapabilityBoundingSet=CAP_SYS_PTRACE in its unit (systemctl edit labelerd)",
                    vm,
                    why);
        }
    }

    /**
     * The files that processes of this host have open.
     *
     * @param processes that are to be seen
     * @param unseen why a process that runs could not be looked at
     */
    private record Open(Set<Numbers> files, Set<Pid> processes, Optional<String> unseen) {}

    private Open open() throws LinuxException {
        Set<Numbers> open = new HashSet<>();
        Optional<String> unseen = Optional.empty();
        List<Pid> listed = processes.list();
        for (Pid pid : listed) {
            // This service opens files for a moment all the time.
            if (!pid.equals(FIRST) && pid.value() != ProcessHandle.current().pid()) {
                switch (descriptors.ofAny(pid)) {
                    case Look.Seen seen -> seen.descriptors().forEach(one -> open.add(Numbers.of(one.identity())));
                    case Look.NotSeen(String why, Look.Cause cause) -> {
                        if (cause != Look.Cause.NO_PROCESS) {
                            unseen = unseen.or(() -> Optional.of(why));
                        }
                    }
                }
            }
        }
        return new Open(open, Set.copyOf(listed), unseen);
    }

    /** Why a VM that is found nowhere may run nevertheless. Each process shows its pair, where it has one. */
    private Optional<String> unclear(Open open) {
        if (!open.processes().contains(FIRST)) {
            return Optional.of("procfs hides processes from the service (hidepid=)");
        }
        return contexts.areKept() ? Optional.empty() : open.unseen();
    }

    private Optional<String> use(Mine.HostedVm vm, Set<Numbers> open) throws LinuxException {
        for (SharedFile file : vm.files()) {
            switch (storages.find(file)) {
                case MountedStorages.There(OpenedFile found) -> {
                    try (found) {
                        if (open.contains(Numbers.of(found.identity()))) {
                            return Optional.of("a process has " + found.path() + " open");
                        }
                    }
                }
                case MountedStorages.NotThere() -> {
                    return Optional.of("a file of it on storage " + file.storage() + " cannot be looked at");
                }
                // No process of this host has a file open that is deleted everywhere, or that no mount leads to.
                case MountedStorages.Gone(), MountedStorages.NotMounted() -> {}
            }
        }
        return Optional.empty();
    }
}
