package labeler.lifecycle.confinement;

import jakarta.inject.Inject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.journal.VmRecord;
import labeler.lifecycle.Matrix;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.plan.Plan;
import labeler.plan.PlannedFile;
import labeler.plan.Sharing;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.selinux.AccessDecisions;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.selinux.ObjectClass;
import labeler.selinux.Permission;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.selinux.StoredLabel;
import labeler.selinux.VirtualContexts;
import labeler.vm.SharedDevices;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the kernel whether the labels work: each VM can use its own files, and no other VM's (promise 8). */
public final class KernelCheck {
    /**
     * The number of other VMs that a start is compared with; VMs whose pair shares a category come first. The kernel
     * decides by type and level alone, so one VM with another pair stands for all. A verification asks about each VM.
     */
    private static final int NEIGHBOURS = 16;

    private static final Logger LOG = LoggerFactory.getLogger(KernelCheck.class);

    /** The access that a VM needs to a file. */
    public enum Use {
        READ,
        WRITE,
        /** These two through a descriptor that was handed to the VM. */
        READ_PASSED,
        WRITE_PASSED;

        Set<Permission> needed() {
            return switch (this) {
                case READ -> EnumSet.of(Permission.OPEN, Permission.READ, Permission.GETATTR);
                case WRITE -> EnumSet.of(Permission.OPEN, Permission.READ, Permission.GETATTR, Permission.WRITE);
                case READ_PASSED -> EnumSet.of(Permission.READ, Permission.GETATTR);
                case WRITE_PASSED -> EnumSet.of(Permission.READ, Permission.GETATTR, Permission.WRITE);
            };
        }

        public static Use of(Sharing sharing) {
            return sharing == Sharing.CONTENT ? READ : WRITE;
        }

        public static Use ofPassed(Sharing sharing) {
            return sharing == Sharing.CONTENT ? READ_PASSED : WRITE_PASSED;
        }
    }

    private static final Set<Permission> TO_CHANGE = EnumSet.of(Permission.WRITE, Permission.APPEND);

    private final SelinuxHost selinux;
    private final AccessDecisions decisions;
    private final VirtualContexts virtual;

    @Inject
    KernelCheck(SelinuxHost selinux, AccessDecisions decisions, VirtualContexts virtual) {
        this.virtual = virtual;
        this.selinux = selinux;
        this.decisions = decisions;
    }

    /**
     * One of a VM's files.
     *
     * @param context its label, as the kernel reports it
     */
    public record Target(HostPath path, FileType type, SecurityContext context, Use use) {}

    /** Whether SELinux is active. If not, nothing is asked. */
    public boolean isPossible() {
        return selinux.isActive();
    }

    /** Whether the loaded policy denies anything: a permissive host writes denials down and lets everything pass. */
    public boolean isEnforcing() {
        return selinux.mode() == SelinuxHost.Mode.ENFORCING;
    }

    /** The VM's own files that it may not use. */
    public List<Problem> ownFiles(SecurityContext process, List<Target> files) {
        if (!isPossible()) {
            return List.of();
        }
        List<Problem> problems = new ArrayList<>();
        Map<Target, Optional<String>> answers = new HashMap<>();
        for (Target file : files) {
            // The kernel knows contexts, not names: the answer for one file holds for all of its kind.
            Target kind = new Target(HostPath.of("/"), file.type(), file.context(), file.use());
            answers.computeIfAbsent(kind, asked -> lacking(process, asked))
                    .map(message -> disagrees(Optional.of(file.path()), message))
                    .ifPresent(problems::add);
        }
        return problems;
    }

    /**
     * Whether the loaded policy keeps a process from the disks of other VMs; false if that cannot be told. A domain may be
     * permissive on a host that enforces. Of devices and FIFOs {@link #others} asks, which knows who has one: at each
     * start, which is refused beside a VM that is not kept from it. Of what libvirt attaches to a running VM, and of two
     * VMs that run since before an update, a verification alone asks.
     */
    boolean confines(SecurityContext process) {
        SecurityContext foreign = virtual.image().at(Level.ofAnother(process.level()));
        try {
            return Collections.disjoint(decisions.allowed(process, foreign, ObjectClass.FILE), Reached.CONTENT);
        } catch (IOException e) {
            LOG.warn("cannot tell whether SELinux confines {}: {}", process, e.getMessage());
            return false;
        }
    }

    /** Whether a VM can open none of the files that are handed over to it; false if that cannot be told. */
    boolean deniesOpening(SecurityContext process, List<Optional<StoredLabel>> passed) {
        return passed.stream()
                        .allMatch(label -> label.flatMap(StoredLabel::context).isPresent())
                && openable(process, passed).isEmpty();
    }

    /** Reasons why the VMs of this host are separated less well than the labels alone promise. */
    public List<Problem> warnings(SecurityContext process, Plan plan) {
        List<Problem> warnings = new ArrayList<>(openable(process, plan.passed()));
        warnings.addAll(openAtRest(process, plan.files()));
        warnings.addAll(deniedNodes(process, plan.files()));
        return warnings;
    }

    /**
     * A node that many processes use keeps its label, so the policy alone decides whether a VM may use it. Those that
     * every process has are not asked about: qemu does without them.
     */
    private List<Problem> deniedNodes(SecurityContext process, List<PlannedFile> files) {
        if (!isPossible()) {
            return List.of();
        }
        List<Problem> problems = new ArrayList<>();
        for (PlannedFile file : files) {
            boolean isNode = file.treatment() == Treatment.LEAVE
                    && file.file().type().equals(Optional.of(FileType.CHARACTER_DEVICE))
                    && !SharedDevices.isOpenToAll(file.path());
            if (isNode) {
                Use use = Use.of(file.sharing());
                file.label()
                        .context()
                        .map(context -> new Target(file.path(), FileType.CHARACTER_DEVICE, context, use))
                        .flatMap(node -> lacking(process, node))
                        .map(message -> disagrees(Optional.of(file.path()), message))
                        .ifPresent(problems::add);
            }
        }
        return problems;
    }

    /**
     * The handed-over files that a VM could open as well: SELinux does not separate VMs there.
     *
     * @param passed the labels of such files as the kernel reports them: {@code nfs_t} at s0, the same for all
     */
    public List<Problem> openable(SecurityContext process, List<Optional<StoredLabel>> passed) {
        if (!isPossible()) {
            return List.of();
        }
        List<Problem> problems = new ArrayList<>();
        Set<SecurityContext> contexts = passed.stream()
                .flatMap(Optional::stream)
                .flatMap(label -> label.context().stream())
                .collect(Collectors.toSet());
        for (SecurityContext context : contexts) {
            try {
                Set<Permission> allowed = decisions.allowed(process, context, ObjectClass.FILE);
                if (isOpenable(allowed)) {
                    problems.add(disagrees(
                            Optional.empty(),
                            "the policy lets every VM open every file at " + context
                                    + ", so that SELinux sets no VM apart by handing them over; setsebool -P"
                                    + " virt_use_nfs off (or the boolean for that file system)"));
                }
            } catch (IOException e) {
                problems.add(disagrees(Optional.empty(), String.valueOf(e.getMessage())));
            }
        }
        return problems;
    }

    /**
     * The disks of a VM that others may open by name while no VM holds them, because of the label that they get back.
     * One problem for all that are alike.
     */
    private List<Problem> openAtRest(SecurityContext process, List<PlannedFile> files) {
        if (!isPossible()) {
            return List.of();
        }
        Map<Resting, List<HostPath>> resting = new LinkedHashMap<>();
        for (PlannedFile file : files) {
            Resting.of(file)
                    .ifPresent(rest -> resting.computeIfAbsent(rest, _ -> new ArrayList<>())
                            .add(file.path()));
        }
        List<Problem> problems = new ArrayList<>();
        resting.forEach((rest, paths) -> {
            Optional<HostPath> first = Optional.of(paths.getFirst());
            try {
                if (isOpenable(decisions.allowed(process, rest.context(), Reached.objectClass(rest.type())))) {
                    problems.add(disagrees(first, rest.openToAll(paths.size() - 1)));
                }
            } catch (IOException e) {
                problems.add(disagrees(first, String.valueOf(e.getMessage())));
            }
        });
        return problems;
    }

    /** Whether a VM can open it by name and then use it. */
    private static boolean isOpenable(Set<Permission> allowed) {
        return allowed.contains(Permission.OPEN) && !Collections.disjoint(allowed, Reached.CONTENT);
    }

    private Optional<String> lacking(SecurityContext process, Target file) {
        try {
            Set<Permission> missing = needed(file);
            missing.removeAll(decisions.allowed(process, file.context(), Reached.objectClass(file.type())));
            return missing.isEmpty()
                    ? Optional.empty()
                    : Optional.of("the kernel would not let " + process + " " + words(missing) + " it at "
                            + file.context() + "; is labeler's policy module installed (labeler policy status)?");
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** A socket is written to for a connection, and never opened. */
    private static Set<Permission> needed(Target file) {
        return file.type() == FileType.SOCKET
                ? EnumSet.of(Permission.WRITE)
                : file.use().needed();
    }

    /**
     * The files of some neighbours that this VM may use, and its own files that they may use.
     *
     * @param kinds of the files of all these VMs, with its own
     */
    public List<Problem> someOthers(VmRecord vm, Collection<VmRecord> others, HeldKinds kinds) {
        if (!isPossible()) {
            return List.of();
        }
        CategoryPair pair = vm.contexts().level().pair();
        List<VmRecord> nearest = others.stream()
                .sorted(Comparator.comparing(
                        other -> !sharesOne(pair, other.contexts().level().pair())))
                .toList();
        // A VM stands for all that have the same kind of file.
        return others(
                vm,
                EnumSet.allOf(FileType.class).stream()
                        .flatMap(kind -> nearest.stream()
                                .filter(other -> kinds.of(other.name()).contains(kind))
                                .limit(NEIGHBOURS + 1L))
                        .distinct()
                        .toList(),
                kinds);
    }

    private static boolean sharesOne(CategoryPair one, CategoryPair other) {
        return one.low().equals(other.low())
                || one.high().equals(other.high())
                || one.low().equals(other.high())
                || one.high().equals(other.low());
    }

    /** The same for all these VMs, without the VM itself. */
    public List<Problem> others(VmRecord vm, Collection<VmRecord> others, HeldKinds kinds) {
        if (!isPossible()) {
            return List.of();
        }
        SecurityContext process = vm.contexts().process();
        SecurityContext image = vm.contexts().image();
        List<Problem> problems = new ArrayList<>();
        for (FileType kind : kinds.contents()) {
            forbidden(process, vm.contexts().content(), kind, TO_CHANGE, noun(kind, "file") + " that VMs read")
                    .ifPresent(problems::add);
        }
        for (VmRecord other : others) {
            if (!other.name().equals(vm.name())) {
                for (FileType kind : kinds.of(other.name())) {
                    String what = noun(kind, "disk") + " of VM " + other.name();
                    forbidden(process, other.contexts().image(), kind, Reached.CONTENT, what)
                            .ifPresent(problems::add);
                }
                for (FileType kind : kinds.of(vm.name())) {
                    String what = noun(kind, "disk") + " of VM " + vm.name();
                    forbidden(other.contexts().process(), image, kind, Reached.CONTENT, what)
                            .ifPresent(problems::add);
                }
            }
        }
        return problems;
    }

    private static String noun(FileType kind, String file) {
        return "a " + (kind == FileType.REGULAR ? file : kind.text());
    }

    private Optional<Problem> forbidden(
            SecurityContext process, SecurityContext target, FileType kind, Set<Permission> unwanted, String what) {
        try {
            Set<Permission> allowed = Reached.by(decisions.allowed(process, target, Reached.objectClass(kind)), kind);
            allowed.retainAll(unwanted);
            // The module constrains the classes that a distribution's own constraints leave out.
            String why = kind == FileType.REGULAR
                    ? "; is its domain permissive, or another module too generous?"
                    : "; labeler's policy module denies that (labeler policy install), unless its domain is permissive";
            return allowed.isEmpty()
                    ? Optional.empty()
                    : Optional.of(disagrees(
                            Optional.empty(),
                            "the kernel would let " + process + " " + words(allowed) + " " + what + " at " + target
                                    + why));
        } catch (IOException e) {
            return Optional.of(disagrees(Optional.empty(), String.valueOf(e.getMessage())));
        }
    }

    /** The access of a process to a file, in one word for people: from all that the policy allows. */
    public Matrix.Reach access(SecurityContext process, SecurityContext file, FileType type) throws IOException {
        Set<Permission> allowed = decisions.allowed(process, file, Reached.objectClass(type));
        if (allowed.containsAll(Use.WRITE.needed())) {
            return Matrix.Reach.READ_WRITE;
        }
        if (allowed.containsAll(Use.READ.needed())) {
            return Matrix.Reach.READ;
        }
        return Collections.disjoint(allowed, Reached.CONTENT) ? Matrix.Reach.NONE : Matrix.Reach.DESCRIPTOR;
    }

    private static String words(Set<Permission> permissions) {
        return String.join(", ", permissions.stream().map(Permission::word).toList());
    }

    private static Problem disagrees(Optional<HostPath> file, String message) {
        return new Problem(Problem.Kind.KERNEL_DISAGREES, file, message);
    }
}
