package labeler.mcs;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;

/** The category pairs of all running processes, whoever started them: libvirt's VMs, containers, static labels. */
public final class ProcessLevels {
    private final Processes processes;
    private final boolean selinuxActive;

    /**
     * Looks at these processes.
     *
     * @param selinuxActive without it no process has a context, and none is asked
     */
    public ProcessLevels(Processes processes, boolean selinuxActive) {
        this.processes = processes;
        this.selinuxActive = selinuxActive;
    }

    /**
     * All of them.
     *
     * @param own a process that is about to be confined: its level, if it has one already, is its own to use
     */
    public Set<Level> inUse(Optional<Pid> own) throws LinuxException {
        Set<Level> levels = new HashSet<>();
        if (!selinuxActive) {
            return levels;
        }
        for (Pid pid : processes.list()) {
            if (own.equals(Optional.of(pid))) {
                continue;
            }
            context(pid).map(context -> Level.within(context.level())).ifPresent(levels::addAll);
        }
        return levels;
    }

    /** A process's context; empty if it has ended, or SELinux is not active. */
    public Optional<SecurityContext> context(Pid pid) {
        return selinuxActive ? processes.context(pid).flatMap(ProcessLevels::parse) : Optional.empty();
    }

    private static Optional<SecurityContext> parse(byte[] context) {
        String text = new String(context, StandardCharsets.ISO_8859_1);
        int end = text.indexOf(0);
        return SecurityContext.parse((end < 0 ? text : text.substring(0, end)).strip());
    }
}
