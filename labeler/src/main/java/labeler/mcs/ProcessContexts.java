package labeler.mcs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.Processes;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;

/** The labels of running processes of any origin: our VMs, libvirt's, containers, static labels. */
public final class ProcessContexts {
    /** The treatment of processes that this one may not look at. */
    public enum Hidden {
        /** An error: their levels might be given out a second time. */
        REFUSED,
        /** They are ignored: for a forecast with a user's own rights. */
        PASSED_OVER
    }

    private final Processes processes;
    private final boolean selinuxActive;
    private final Hidden hidden;

    /**
     * Looks at these processes.
     *
     * @param selinuxActive whether SELinux is active; without it no process has a context, and none is asked
     */
    public ProcessContexts(Processes processes, boolean selinuxActive) {
        this(processes, selinuxActive, Hidden.REFUSED);
    }

    public ProcessContexts(Processes processes, boolean selinuxActive, Hidden hidden) {
        this.hidden = hidden;
        this.processes = processes;
        this.selinuxActive = selinuxActive;
    }

    /**
     * The levels of all of them.
     *
     * @param own a process that is about to be confined; it may use its own level
     * @throws LinuxException if a process could not be looked at: its level might be given out a second time
     */
    public Set<Level> levels(Optional<Pid> own) throws LinuxException {
        return levels(own, Optional.empty());
    }

    /**
     * Programs that libvirt's daemon has started for a domain at the domain's level, shortly before it calls its hook:
     * swtpm, virtiofsd, passt. They are in the daemon's control group still, as the hook is. libvirt moves them, like each
     * qemu, to the domain's own once qemu is there. Where it can move none, all of a host are in one group, often in the
     * root's: there every older process is another VM.
     *
     * @param hook a process that the daemon has started for the hook
     */
    public record Helpers(Level level, ProcessIdentity hook) {
        /** In ticks of {@link ProcessIdentity#startTime}, of which a second has 100. A slow swtpm takes some seconds. */
        private static final long FRESH = 120 * 100;
    }

    /**
     * The levels of all of them.
     *
     * @param own a process that is about to be confined; it may use its own level
     * @param helpers of the domain that is about to start; they may use its level
     * @throws LinuxException if a process could not be looked at: its level might be given out a second time
     */
    public Set<Level> levels(Optional<Pid> own, Optional<Helpers> helpers) throws LinuxException {
        Set<Level> levels = new HashSet<>();
        if (!selinuxActive) {
            return levels;
        }
        for (Pid pid : processes.list()) {
            if (!own.equals(Optional.of(pid))) {
                Set<Level> its = new HashSet<>(levelsOf(pid).orElse(Set.of()));
                if (helpers.isPresent() && isHelper(pid, its, helpers.get())) {
                    its.remove(helpers.get().level());
                }
                levels.addAll(its);
            }
        }
        return levels;
    }

    /** Looks further only at processes at the domain's level: nearly always there is none. */
    private boolean isHelper(Pid pid, Set<Level> its, Helpers helpers) throws LinuxException {
        if (!its.contains(helpers.level())) {
            return false;
        }
        Optional<byte[]> group = processes.controlGroups(pid);
        Optional<byte[]> daemons = processes.controlGroups(helpers.hook().pid());
        return group.isPresent()
                && daemons.isPresent()
                && Arrays.equals(group.get(), daemons.get())
                && isOfAService(group.get())
                && isFresh(pid, helpers.hook());
    }

    /** Whether one hierarchy has it in another group than the root. */
    private static boolean isOfAService(byte[] groups) {
        return new String(groups, StandardCharsets.ISO_8859_1)
                .lines()
                .anyMatch(line -> !line.isBlank() && !line.endsWith(":/"));
    }

    /** Asked last: the groups are the hook's only if its number has been its own up to then. */
    private boolean isFresh(Pid pid, ProcessIdentity hook) throws LinuxException {
        Optional<ProcessIdentity> helper = processes.identify(pid);
        return helper.isPresent()
                && hook.startTime() - helper.get().startTime() <= Helpers.FRESH
                && processes.identify(hook.pid()).equals(Optional.of(hook));
    }

    /** Whether processes have contexts at all, so that one without a VM's pair is none of its. */
    public boolean areKept() {
        return selinuxActive;
    }

    /**
     * The pairs of the processes whose context counts.
     *
     * @throws LinuxException if a process could not be looked at
     */
    public Set<CategoryPair> pairs(Predicate<SecurityContext> counts) throws LinuxException {
        Set<CategoryPair> pairs = new HashSet<>();
        if (selinuxActive) {
            for (Pid pid : processes.list()) {
                seen(pid)
                        .filter(counts)
                        .map(context -> Level.within(context.level()))
                        .ifPresent(levels -> levels.forEach(level -> pairs.add(level.pair())));
            }
        }
        return pairs;
    }

    private Optional<Set<Level>> levelsOf(Pid pid) throws LinuxException {
        return seen(pid).map(context -> Level.within(context.level()));
    }

    private Optional<SecurityContext> seen(Pid pid) throws LinuxException {
        try {
            return of(pid);
        } catch (LinuxException e) {
            boolean mayNot = e.errno() == Errno.EACCES || e.errno() == Errno.EPERM;
            if (hidden == Hidden.PASSED_OVER && mayNot) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** A process's context; empty if it has ended, or SELinux is not active. */
    public Optional<SecurityContext> of(Pid pid) throws LinuxException {
        if (!selinuxActive) {
            return Optional.empty();
        }
        return processes
                .context(pid)
                .flatMap(bytes -> SecurityContext.parse(new String(bytes, StandardCharsets.ISO_8859_1)));
    }
}
