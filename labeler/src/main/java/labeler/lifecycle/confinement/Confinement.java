package labeler.lifecycle.confinement;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.config.LabelConfig;
import labeler.journal.VmRecord;
import labeler.launch.Allowance;
import labeler.launch.LandlockGap;
import labeler.launch.LandlockPolicy;
import labeler.lifecycle.Enforcement;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.Wall;
import labeler.linux.Exec;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.mcs.ProcessContexts;
import labeler.plan.Plan;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.selinux.StoredLabel;
import labeler.vm.qemu.option.QemuCommandLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what keeps a VM from other VMs' files. Asks the kernel if there is a process to ask about. */
public final class Confinement {
    private static final Logger LOG = LoggerFactory.getLogger(Confinement.class);

    private final SelinuxHost selinux;
    private final Enforcement enforcement;
    private final LandlockPolicy landlock;
    private final Exec exec;
    private final ProcessContexts contexts;
    private final KernelCheck kernel;

    @Inject
    Confinement(
            SelinuxHost selinux,
            LabelConfig settings,
            LandlockPolicy landlock,
            Exec exec,
            ProcessContexts contexts,
            KernelCheck kernel) {
        this.selinux = selinux;
        this.enforcement = settings.enforcement();
        this.landlock = landlock;
        this.exec = exec;
        this.contexts = contexts;
        this.kernel = kernel;
    }

    /**
     * The walls around a VM that is started with this request.
     *
     * @param planned the context that its process is to have
     * @param passed the label that each file to be handed over shows
     */
    public Set<Wall> of(StartRequest request, SecurityContext planned, List<Optional<StoredLabel>> passed) {
        boolean atContext = request.launch() == StartRequest.Launch.RUN
                || request.pid().isEmpty()
                || runsAt(request.pid().get(), planned);
        return walls(atContext, hasLandlock(request), planned, passed);
    }

    /** The walls around a VM that is held. A VM with no known process is assumed to run at its context. */
    public Set<Wall> of(VmRecord vm, List<Optional<StoredLabel>> passed) {
        Optional<Pid> pid = vm.process().map(ProcessIdentity::pid);
        SecurityContext process = vm.contexts().process();
        boolean atContext = pid.isEmpty() || runsAt(pid.get(), process);
        return walls(atContext, vm.landlock(), process, passed);
    }

    /** The planned confinement of a VM that is started with this request. */
    public VmRecord.Confinement confinement(StartRequest request, SecurityContext planned) {
        Set<Wall> walls = of(request, planned, List.of());
        return new VmRecord.Confinement(walls.contains(Wall.SELINUX), walls.contains(Wall.LANDLOCK));
    }

    private boolean hasLandlock(StartRequest request) {
        return request.launch() == StartRequest.Launch.RUN && kernelHasLandlock();
    }

    private Set<Wall> walls(
            boolean atContext, boolean withLandlock, SecurityContext process, List<Optional<StoredLabel>> passed) {
        Set<Wall> walls = EnumSet.noneOf(Wall.class);
        if (selinux.mode() == SelinuxHost.Mode.ENFORCING && atContext && kernel.confines(process)) {
            walls.add(Wall.SELINUX);
        }
        if (withLandlock) {
            walls.add(Wall.LANDLOCK);
        }
        // Descriptors alone separate handed-over files, and only if something denies opening these files.
        boolean isOpeningDenied =
                withLandlock || (walls.contains(Wall.SELINUX) && kernel.deniesOpening(process, passed));
        if (!passed.isEmpty() && isOpeningDenied) {
            walls.add(Wall.DESCRIPTORS);
        }
        return walls;
    }

    /** Whether the kernel says that a process is at this context. */
    private boolean runsAt(Pid pid, SecurityContext context) {
        try {
            return contexts.of(pid).equals(Optional.of(context));
        } catch (LinuxException e) {
            LOG.warn("cannot tell at which context process {} runs: {}", pid, e.getMessage());
            return false;
        }
    }

    /** Whether a VM is not, or not yet, at the context at which SELinux is to confine it. */
    public boolean isLaunchUnseen(VmRecord vm) {
        return vm.confinement().selinux()
                && selinux.mode() == SelinuxHost.Mode.ENFORCING
                && vm.process()
                        .filter(process -> !runsAt(process.pid(), vm.contexts().process()))
                        .isPresent();
    }

    private boolean kernelHasLandlock() {
        return landlock.mode() != LandlockPolicy.Mode.OFF && landlockVersion() > 0;
    }

    /** 0 if the kernel has none, or does not say. */
    private int landlockVersion() {
        try {
            return exec.landlockVersion();
        } catch (LinuxException e) {
            LOG.warn("cannot tell whether this kernel has Landlock: {}", e.getMessage());
            return 0;
        }
    }

    /** The gaps in the walls around a VM that a newer kernel would close. */
    public List<Problem> warnings(VmRecord vm) {
        if (!vm.landlock()) {
            return List.of();
        }
        int version = landlockVersion();
        return LandlockGap.of(version).stream()
                .map(gap -> Problem.of(
                        Problem.Kind.WALL_INCOMPLETE,
                        "Landlock of this kernel is version " + version + ": " + gap.text()))
                .toList();
    }

    /**
     * The risks of a qemu that runs as root with Landlock but without SELinux. Only {@code labeler run} becomes qemu as the
     * user who asks; with another launch nobody tells as whom qemu will run, and without SELinux no wall stands at all.
     */
    public static List<Problem> warnings(StartRequest request, Set<Wall> standing) {
        boolean changesUser =
                request.commandLine().filter(QemuCommandLine::changesUser).isPresent();
        if (request.launch() != StartRequest.Launch.RUN
                || request.owner().uid() != 0
                || changesUser
                || standing.contains(Wall.SELINUX)) {
            return List.of();
        }
        return List.of(Problem.of(
                Problem.Kind.WALL_INCOMPLETE,
                "qemu runs as root, and without SELinux nothing keeps it from changing mode, owner and labels of other"
                        + " files; add -run-with user=USER, a user of its own"));
    }

    /** The warnings about a VM that has just been labelled. */
    public List<Problem> warnings(StartRequest request, VmRecord vm, Plan plan, Set<Wall> standing) {
        List<Problem> warnings = new ArrayList<>(kernel.warnings(vm.contexts().process(), plan));
        warnings.addAll(warnings(vm));
        warnings.addAll(warnings(request, standing));
        return warnings;
    }

    /** The files and parts of the system that a VM behind Landlock may reach. */
    public List<Allowance> allowances(Plan plan) {
        return landlock.allowances(plan.files());
    }

    /** The reasons to refuse a start with no more walls than these; empty if there are none. */
    public List<Problem> problems(StartRequest request, SecurityContext planned) {
        Set<Wall> walls = of(request, planned, List.of());
        boolean lacksLandlock = landlock.mode() == LandlockPolicy.Mode.ON
                && request.launch() == StartRequest.Launch.RUN
                && !walls.contains(Wall.LANDLOCK);
        if (lacksLandlock) {
            return List.of(
                    noWall("this kernel has no Landlock, and the settings demand it; set launch.landlock to auto"));
        }
        if (enforcement == Enforcement.OPTIONAL || !walls.isEmpty()) {
            return List.of();
        }
        boolean isRun = request.launch() == StartRequest.Launch.RUN;
        boolean isOff = landlock.mode() == LandlockPolicy.Mode.OFF;
        // No start by run comes here with Landlock: that is a wall.
        String another = isRun
                ? isOff ? "set launch.landlock to auto" : "start it on a kernel with Landlock"
                : "start it with labeler run";
        if (selinux.mode() == SelinuxHost.Mode.ENFORCING) {
            return List.of(noWall(
                    kernel.confines(planned)
                            ? whereItRuns(request.pid().orElseThrow()) + " and not at " + planned
                                    + ", so nothing would confine the VM; " + another
                            : "the policy does not keep a process at " + planned + " from other VMs' disks, so nothing"
                                    + " would confine the VM; if that domain is permissive (semanage permissive -l),"
                                    + " semanage permissive -d " + planned.type() + ", or " + another));
        }
        String mode = "SELinux is " + (selinux.isActive() ? "permissive" : "not active") + " on this host";
        String landlocks = isOff ? " and the settings switch Landlock off" : " and its kernel has no Landlock";
        return List.of(noWall(mode + (isRun ? landlocks : "") + ", so nothing would confine the VM; " + another
                + (isRun ? "" : ", which has Landlock") + ", or run labelerd with --enforcement optional"));
    }

    private String whereItRuns(Pid pid) {
        try {
            return "process " + pid + " runs at "
                    + contexts.of(pid).map(SecurityContext::toString).orElse("no context");
        } catch (LinuxException e) {
            return "process " + pid + " runs at a context that cannot be read (" + e.getMessage() + ")";
        }
    }

    private static Problem noWall(String message) {
        return Problem.of(Problem.Kind.NO_WALL, message);
    }
}
