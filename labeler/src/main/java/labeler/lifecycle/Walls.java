package labeler.lifecycle;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.journal.VmRecord;
import labeler.launch.LandlockPolicy;
import labeler.linux.Exec;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.Processes;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what the kernel enforces for a VM, by the kernel's own word wherever there is a process to ask about. */
public final class Walls {
    private static final Logger LOG = LoggerFactory.getLogger(Walls.class);

    private final SelinuxHost selinux;
    private final Enforcement enforcement;
    private final LandlockPolicy landlock;
    private final Exec exec;
    private final Processes processes;

    public Walls(
            SelinuxHost selinux, Enforcement enforcement, LandlockPolicy landlock, Exec exec, Processes processes) {
        this.selinux = selinux;
        this.enforcement = enforcement;
        this.landlock = landlock;
        this.exec = exec;
        this.processes = processes;
    }

    /**
     * What will stand around a VM that is started so.
     *
     * @param planned the context that its process is to have
     */
    Set<Wall> of(StartRequest request, SecurityContext planned) {
        boolean atContext = request.launch() == StartRequest.Launch.RUN
                || request.pid().isEmpty()
                || runsAt(request.pid().get(), planned);
        return walls(atContext, hasLandlock(request));
    }

    /** What stands around a VM that is held. One with no known process is taken to run where it should. */
    Set<Wall> of(VmRecord vm) {
        return with(standing(vm), passesAny(vm));
    }

    private static boolean passesAny(VmRecord vm) {
        return vm.files().stream().anyMatch(hold -> hold.treatment() == Treatment.PASS);
    }

    /** Files that are handed over are set apart by that alone, and only where something denies opening them. */
    static Set<Wall> with(Set<Wall> walls, boolean passed) {
        if (!passed || walls.isEmpty()) {
            return walls;
        }
        Set<Wall> all = EnumSet.copyOf(walls);
        all.add(Wall.DESCRIPTORS);
        return all;
    }

    private Set<Wall> standing(VmRecord vm) {
        Optional<Pid> pid = vm.process().map(ProcessIdentity::pid);
        boolean atContext = pid.isEmpty() || runsAt(pid.get(), vm.contexts().process());
        return walls(atContext, vm.landlock());
    }

    boolean hasLandlock(StartRequest request) {
        return request.launch() == StartRequest.Launch.RUN && kernelHasLandlock();
    }

    private Set<Wall> walls(boolean atContext, boolean withLandlock) {
        Set<Wall> walls = EnumSet.noneOf(Wall.class);
        if (selinux.mode() == SelinuxHost.Mode.ENFORCING && atContext) {
            walls.add(Wall.SELINUX);
        }
        if (withLandlock) {
            walls.add(Wall.LANDLOCK);
        }
        return walls;
    }

    /** Whether the kernel says that a process is at this context. */
    boolean runsAt(Pid pid, SecurityContext context) {
        return context(pid).equals(Optional.of(context));
    }

    /** A process's context; empty if it has ended, or SELinux is not active. */
    Optional<SecurityContext> context(Pid pid) {
        if (!selinux.isActive()) {
            return Optional.empty();
        }
        return processes
                .context(pid)
                .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1)
                        .replace("\0", "")
                        .strip())
                .flatMap(SecurityContext::parse);
    }

    boolean isSelinuxActive() {
        return selinux.isActive();
    }

    private boolean kernelHasLandlock() {
        if (landlock.mode() == LandlockPolicy.Mode.OFF) {
            return false;
        }
        try {
            return exec.landlockVersion() > 0;
        } catch (LinuxException e) {
            LOG.warn("whether there is Landlock cannot be told: {}", e.getMessage());
            return false;
        }
    }

    /** Why a start may not leave a VM with no more than this; empty if it may. */
    List<Problem> problems(StartRequest request, SecurityContext planned) {
        Set<Wall> walls = of(request, planned);
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
        if (selinux.mode() == SelinuxHost.Mode.ENFORCING) {
            String pid = request.pid().map(Pid::toString).orElse("");
            String found = request.pid()
                    .flatMap(this::context)
                    .map(SecurityContext::toString)
                    .orElse("no context");
            return List.of(noWall("process " + pid + " runs at " + found + " and not at " + planned
                    + ", so nothing would confine the VM; start it with labeler run"));
        }
        String mode = selinux.isActive() ? "permissive" : "not active";
        return List.of(noWall("SELinux is " + mode + " on this host, so nothing would confine the VM; start it with"
                + " labeler run, which has Landlock, or run labelerd with --enforcement optional"));
    }

    private static Problem noWall(String message) {
        return new Problem(Problem.Kind.NO_WALL, Optional.empty(), message);
    }
}
