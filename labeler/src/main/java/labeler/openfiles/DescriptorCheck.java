package labeler.openfiles;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.openfiles.KnownVm.KnownFile;

/** Compares what VMs' processes have open with the service's account of all VMs. */
public final class DescriptorCheck {
    /** The standard streams belong to the user who ran qemu: a log file in a home directory, for example. */
    private static final int LAST_STANDARD_STREAM = 2;

    /** It stores no labels either, but has no files of users or VMs. */
    private static final String PROCFS = "proc";

    private final Collection<KnownVm> vms;
    private final Map<FileIdentity, Set<String>> holders = new HashMap<>();
    private final Set<Long> withoutLabels = new HashSet<>();

    /**
     * A check against this account.
     *
     * @param vms all VMs that the service holds
     */
    public DescriptorCheck(Collection<KnownVm> vms) {
        this.vms = vms;
        for (KnownVm vm : vms) {
            for (KnownFile file : vm.files()) {
                file.identity().ifPresent(identity -> add(vm, file, identity));
            }
        }
    }

    private void add(KnownVm vm, KnownFile file, FileIdentity identity) {
        holders.computeIfAbsent(identity, _ -> new TreeSet<>()).add(vm.name());
        if (file.passed()) {
            withoutLabels.add(identity.device());
        }
    }

    /** The comparison for one VM. */
    public Comparison of(String name, Function<Pid, Look> looking) {
        Optional<KnownVm> vm =
                vms.stream().filter(known -> known.name().equals(name)).findFirst();
        if (vm.isEmpty()) {
            return new Comparison.NotCompared("the VM has ended", Look.Cause.NO_PROCESS);
        }
        if (vm.get().pid().isEmpty()) {
            return new Comparison.NotCompared("the VM has no known process", Look.Cause.NO_PROCESS);
        }
        return switch (looking.apply(vm.get().pid().get())) {
            case Look.NotSeen(String why, Look.Cause cause) -> new Comparison.NotCompared(why, cause);
            case Look.Seen seen -> new Comparison.Compared(drift(vm.get(), seen));
        };
    }

    private List<Drift> drift(KnownVm vm, Look.Seen seen) {
        List<Drift> drift = new ArrayList<>(notOpen(vm, seen.descriptors()));
        Set<FileIdentity> own =
                vm.files().stream().flatMap(file -> file.identity().stream()).collect(Collectors.toSet());
        Set<HostPath> names = vm.files().stream().map(KnownFile::path).collect(Collectors.toSet());
        for (OpenDescriptor descriptor : seen.descriptors()) {
            if (own.contains(descriptor.identity())) {
                writable(vm, descriptor).ifPresent(drift::add);
            } else if (!names.contains(descriptor.name())) {
                foreign(descriptor, seen.labelsShown()).ifPresent(drift::add);
            }
        }
        return drift;
    }

    private static List<Drift> notOpen(KnownVm vm, List<OpenDescriptor> descriptors) {
        Map<FileIdentity, Set<OpenMode>> open = new HashMap<>();
        descriptors.forEach(descriptor -> open.computeIfAbsent(descriptor.identity(), _ -> new HashSet<>())
                .add(descriptor.mode()));
        List<Drift> drift = new ArrayList<>();
        for (KnownFile file : vm.files()) {
            Set<OpenMode> modes = file.identity().map(open::get).orElse(Set.of());
            file.handed().stream()
                    .filter(mode -> modes.stream().noneMatch(now -> now.serves(mode)))
                    .forEach(mode -> drift.add(new Drift.NotOpen(file.path(), mode)));
        }
        return drift;
    }

    private static Optional<Drift> writable(KnownVm vm, OpenDescriptor descriptor) {
        List<KnownFile> same = vm.files().stream()
                .filter(file -> file.identity().equals(Optional.of(descriptor.identity())))
                .toList();
        return descriptor.mode().writes() && same.stream().noneMatch(KnownFile::written)
                ? Optional.of(new Drift.Writable(same.getFirst().path(), descriptor.number()))
                : Optional.empty();
    }

    private Optional<Drift> foreign(OpenDescriptor descriptor, boolean labelsShown) {
        Optional<Set<String>> others = Optional.ofNullable(holders.get(descriptor.identity()));
        if (others.isPresent()) {
            return Optional.of(new Drift.Foreign(
                    descriptor.number(),
                    descriptor.name(),
                    descriptor.identity(),
                    "VM " + String.join(", ", others.get()) + " holds it"));
        }
        return descriptor.number() > LAST_STANDARD_STREAM && storesNoLabels(descriptor, labelsShown)
                ? Optional.of(new Drift.Foreign(
                        descriptor.number(),
                        descriptor.name(),
                        descriptor.identity(),
                        "its file system stores no labels, so that nothing else sets it apart"))
                : Optional.empty();
    }

    /** Whether its file system stores no labels, by the kernel (if SELinux is active) or by the service's account. */
    private boolean storesNoLabels(OpenDescriptor descriptor, boolean labelsShown) {
        boolean shownToStoreNone = labelsShown
                && descriptor
                        .mount()
                        .filter(mount -> !mount.storesLabels())
                        .filter(mount -> !mount.fileSystemType().equals(PROCFS))
                        .isPresent();
        return shownToStoreNone || withoutLabels.contains(descriptor.identity().device());
    }
}
