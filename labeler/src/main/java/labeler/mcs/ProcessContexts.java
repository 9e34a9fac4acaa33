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

/** What running processes are labelled with, whoever started them: our VMs, libvirt's, containers, static labels. */
public final class ProcessContexts {
    private final Processes processes;
    private final boolean selinuxActive;

    /**
     * Looks at these processes.
     *
     * @param selinuxActive without it no process has a context, and none is asked
     */
    public ProcessContexts(Processes processes, boolean selinuxActive) {
        this.processes = processes;
        this.selinuxActive = selinuxActive;
    }

    /**
     * The levels of all of them.
     *
     * @param own a process that is about to be confined: its level, if it has one already, is its own to use
     * @throws LinuxException if one could not be looked at: its level might be given out a second time
     */
    public Set<Level> levels(Optional<Pid> own) throws LinuxException {
        Set<Level> levels = new HashSet<>();
        if (!selinuxActive) {
            return levels;
        }
        for (Pid pid : processes.list()) {
            if (!own.equals(Optional.of(pid))) {
                of(pid).map(context -> Level.within(context.level())).ifPresent(levels::addAll);
            }
        }
        return levels;
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
