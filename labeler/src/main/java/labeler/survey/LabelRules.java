package labeler.survey;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.ShellWord;
import labeler.selinux.Clearance;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.selinux.StoredLabel;

/** Labels that let in a VM that should not be, now or later. Each file is judged once, whoever names it. */
final class LabelRules {
    private static final String OF_A_VM_THAT_RUNS =
            "labeler relabel NAME for a VM of labeler's; otherwise start the VM again, so that it gets a pair";

    private static final String OF_A_DISK_THAT_JOINED =
            "detach it and attach it again, so that it gets its VM's pair. If it was attached as shareable, nothing:"
                    + " attach it with virsh attach-disk --config, so that the definition says so";

    private final HostFacts host;
    private final Map<FileIdentity, FileFacts> files = new LinkedHashMap<>();
    private final Map<FileIdentity, List<VmIdentity>> users = new HashMap<>();
    private final Set<FileIdentity> shared = new HashSet<>();
    private final Set<FileIdentity> handedOver = new HashSet<>();
    /** Files that a VM with a pair of its own uses now: {@link #open} judges those. */
    private final Set<FileIdentity> confined = new HashSet<>();
    /** The VMs that have a file now. A new label would take it from them. */
    private final Map<FileIdentity, Set<VmIdentity>> holders = new HashMap<>();
    /** Files that a VM without a pair of its own has now. */
    private final Set<FileIdentity> heldWithoutPair = new HashSet<>();

    private LabelRules(HostFacts host) {
        this.host = host;
        host.files().forEach(file -> files.putIfAbsent(file.identity(), file));
        for (VmFacts vm : host.vms()) {
            for (VmFileFacts one : vm.files()) {
                FileIdentity identity = one.file().identity();
                files.putIfAbsent(identity, one.file());
                users.computeIfAbsent(identity, _ -> new ArrayList<>()).add(vm.identity());
                if (one.shareable()) {
                    shared.add(identity);
                }
                if (one.handedOver()) {
                    handedOver.add(identity);
                }
                if (one.now() && level(vm).isPresent()) {
                    confined.add(identity);
                }
                if (one.now()) {
                    hold(identity, vm);
                }
            }
            // A disk that joined later is on no command line.
            vm.process()
                    .flatMap(ProcessFacts::open)
                    .ifPresent(open -> open.all().forEach(identity -> hold(identity, vm)));
        }
    }

    private void hold(FileIdentity file, VmFacts vm) {
        holders.computeIfAbsent(file, _ -> new LinkedHashSet<>()).add(vm.identity());
        if (level(vm).isEmpty()) {
            heldWithoutPair.add(file);
        }
    }

    static List<Flaw> of(HostFacts host) {
        return new LabelRules(host).flaws();
    }

    private List<Flaw> flaws() {
        List<Flaw> flaws = new ArrayList<>();
        files.values().forEach(file -> {
            dead(file).ifPresent(flaws::add);
            foreign(file).ifPresent(flaws::add);
            unpaired(file).ifPresent(flaws::add);
            misplaced(file).ifPresent(flaws::add);
        });
        for (VmFacts vm : host.vms()) {
            for (VmFileFacts file : vm.files()) {
                open(vm, file).ifPresent(flaws::add);
            }
        }
        // Several may tell of one file: its VM's command line, and labeler's record.
        return flaws.stream().distinct().toList();
    }

    private Optional<Flaw> dead(FileFacts file) {
        Optional<Level> level = file.label().flatMap(StoredLabel::level);
        boolean isDead = host.pairs().isPresent()
                && level.isPresent()
                && isVms(file)
                && !host.pairs().get().contains(level.get().pair());
        return isDead ? Optional.of(dead(file, level.get())) : Optional.empty();
    }

    private Flaw dead(FileFacts file, Level level) {
        String scan = "labeler recover --scan " + ShellWord.of(file.path().parent()) + " --apply";
        List<VmIdentity> vms = users.getOrDefault(file.identity(), List.of());
        return file.sharedType()
                .map(type -> flaw(
                        FlawKind.DEAD_LABEL,
                        Severity.NOTICE,
                        file,
                        vms,
                        "no VM of this host has " + level + "; its file system is " + type
                                + ", so one of another host may have it",
                        scan + ", on a host of the cluster, which asks the others"))
                .orElseGet(() -> flaw(
                        FlawKind.DEAD_LABEL,
                        Severity.WARNING,
                        file,
                        vms,
                        "no VM has " + level + " any more, and the next one that is given this pair may open it",
                        scan + "; where labeler's service does not run, " + relabel(file)));
    }

    /**
     * A label that has outlived its VM, and whose pair was given out again. Whatever lies below something of the VM's may
     * be its own: a directory that it shares. Where other hosts may use the file, the label may be one of theirs.
     */
    private Optional<Flaw> foreign(FileFacts file) {
        List<VmFacts> letIn = file.label()
                .flatMap(StoredLabel::level)
                .map(label ->
                        host.vms().stream().filter(vm -> isLetIn(vm, label)).toList())
                .orElse(List.of());
        boolean isForeign = isVms(file)
                && !letIn.isEmpty()
                && letIn.stream().allMatch(vm -> isWithout(vm, file))
                && file.sharedType().isEmpty()
                && host.mode() != SelinuxHost.Mode.INACTIVE;
        return isForeign
                ? Optional.of(flaw(
                        FlawKind.OPEN_IMAGE,
                        Severity.WARNING,
                        file,
                        letIn.stream().map(VmFacts::identity).toList(),
                        "its label " + printable(file) + " lets in this VM, which neither names it nor has it open",
                        relabel(file) + ", unless a helper of that VM needs it"))
                : Optional.empty();
    }

    private boolean isLetIn(VmFacts vm, Level label) {
        return vm.process()
                .filter(process -> process.isLetIn(label, host.contexts().processTypes()))
                .isPresent();
    }

    /** Whether it is known that this VM does not use the file. */
    private static boolean isWithout(VmFacts vm, FileFacts file) {
        Set<HostPath> names = vm.files().stream().map(one -> one.file().path()).collect(Collectors.toSet());
        boolean isNamed =
                vm.files().stream().anyMatch(one -> one.file().identity().equals(file.identity()));
        return !isNamed
                && vm.process()
                        .flatMap(ProcessFacts::open)
                        .filter(open -> !open.all().contains(file.identity()))
                        .isPresent()
                && Stream.iterate(file.path(), path -> !path.equals(path.parent()), HostPath::parent)
                        .noneMatch(names::contains);
    }

    private static Optional<Level> level(VmFacts vm) {
        return vm.process().flatMap(ProcessFacts::level);
    }

    /** Containers have pairs as well, also those that do not run just now. */
    private boolean isVms(FileFacts file) {
        return hasType(file, host.contexts().image())
                || hasType(file, host.contexts().content());
    }

    private static boolean hasType(FileFacts file, SecurityContext context) {
        return type(file).equals(Optional.of(context.type()));
    }

    private static Optional<String> type(FileFacts file) {
        return file.label().flatMap(StoredLabel::context).map(SecurityContext::type);
    }

    /**
     * At this type without a pair other VMs may write it, also while its own VM is shut off, or has no pair itself. Where
     * other hosts may use the file, VMs there may share it.
     */
    private Optional<Flaw> unpaired(FileFacts file) {
        boolean isOpen = host.mode() != SelinuxHost.Mode.INACTIVE
                && hasType(file, host.contexts().image())
                && file.label().flatMap(StoredLabel::level).isEmpty()
                && !shared.contains(file.identity())
                && !handedOver.contains(file.identity())
                && file.sharedType().isEmpty()
                && !confined.contains(file.identity());
        if (!isOpen) {
            return Optional.empty();
        }
        String lets = " its label " + printable(file) + " lets " + whom(file) + " write it";
        return Optional.of(Optional.ofNullable(holders.get(file.identity()))
                .map(now -> heldUnpaired(file, List.copyOf(now), lets))
                .orElseGet(() -> flaw(
                        FlawKind.OPEN_IMAGE,
                        Severity.WARNING,
                        file,
                        users.getOrDefault(file.identity(), List.of()),
                        "no running VM is seen to use it, and" + lets,
                        relabel(file))));
    }

    /** If nobody names it, and its VMs have pairs, libvirt's live definition alone says whether it is shareable. */
    private Flaw heldUnpaired(FileFacts file, List<VmIdentity> now, String lets) {
        return heldWithoutPair.contains(file.identity()) || users.containsKey(file.identity())
                ? flaw(
                        FlawKind.OPEN_IMAGE,
                        Severity.DANGER,
                        file,
                        now,
                        "it is in use now, and" + lets,
                        OF_A_VM_THAT_RUNS)
                : flaw(
                        FlawKind.OPEN_IMAGE,
                        Severity.WARNING,
                        file,
                        now,
                        "it joined a VM that has a pair, no definition names it, and" + lets,
                        OF_A_DISK_THAT_JOINED);
    }

    /** The VMs that a label without a pair lets in: all whose levels have what it has. */
    private static String whom(FileFacts file) {
        return file.label()
                .flatMap(StoredLabel::context)
                .flatMap(context -> Clearance.parse(context.level()))
                .filter(clearance -> clearance.size() > 0)
                .map(clearance -> "each VM whose level includes " + clearance)
                .orElse("every VM");
    }

    /** A VM that has the file open would get errors: the kernel asks again at each write. */
    private String relabel(FileFacts file) {
        boolean isFree = !holders.containsKey(file.identity())
                && host.vms().stream()
                        .flatMap(vm -> vm.process().stream())
                        .allMatch(process -> process.open().isPresent());
        return (isFree ? "" : "once no VM has it open, ") + "restorecon -F " + ShellWord.of(file.path());
    }

    private Optional<Flaw> misplaced(FileFacts file) {
        return file.expected()
                .filter(_ -> file.label().flatMap(StoredLabel::level).isEmpty())
                .map(expected -> flaw(
                        FlawKind.WRONG_CONTEXT,
                        Severity.WARNING,
                        file,
                        users.getOrDefault(file.identity(), List.of()),
                        "it has " + printable(file) + ", and the policy's type for its place is " + expected.type()
                                + ": programs may reach it that should not, and its VM may not",
                        relabel(file) + "; semanage fcontext says it otherwise for a directory of your own"));
    }

    /** A VM that SELinux confines, with a disk that is not its alone. */
    private Optional<Flaw> open(VmFacts vm, VmFileFacts one) {
        Optional<Level> own = level(vm);
        // Either look may have seen it: the file may have another name here.
        Optional<StoredLabel> label = Optional.ofNullable(files.get(one.file().identity()))
                .flatMap(FileFacts::label)
                .or(one.file()::label);
        boolean isOpen = host.mode() != SelinuxHost.Mode.INACTIVE
                && one.image()
                && one.written()
                && one.now()
                && !one.shareable()
                && !handedOver.contains(one.file().identity())
                && own.isPresent()
                && label.isPresent()
                && !label.get().level().equals(own);
        return isOpen
                ? Optional.of(flaw(
                        FlawKind.OPEN_IMAGE,
                        Severity.DANGER,
                        one.file(),
                        List.of(vm.identity()),
                        "it is written now, and its label "
                                + label.map(StoredLabel::printable).orElse("none")
                                + " does not have the VM's own pair: another VM may open it",
                        OF_A_VM_THAT_RUNS))
                : Optional.empty();
    }

    private static String printable(FileFacts file) {
        return file.label().map(StoredLabel::printable).orElse("none");
    }

    private static Flaw flaw(
            FlawKind kind, Severity severity, FileFacts file, List<VmIdentity> vms, String harm, String remedy) {
        return new Flaw(kind, severity, Optional.of(file.path()), vms, harm, remedy);
    }
}
