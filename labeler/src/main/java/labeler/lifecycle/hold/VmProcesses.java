package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.journal.VmRecord;
import labeler.launch.ProcessWatch;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.Processes;
import labeler.problem.Problem;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The processes of VMs: which process a VM has, whether it lives, and when it ends. */
public final class VmProcesses implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VmProcesses.class);

    private final Processes processes;
    private final String bootId;
    private final ProcessWatch watch;
    private volatile Consumer<VmName> ended = _ -> {};

    @Inject
    public VmProcesses(Processes processes) throws LinuxException {
        this.processes = processes;
        this.bootId = processes.bootId();
        this.watch = ProcessWatch.start(processes, name -> ended.accept(name));
    }

    /**
     * Sets the receiver of ends. Call it before anything is watched.
     *
     * @param told called on a thread of its own with a VM whose process may have ended: {@link #isAlive} tells
     */
    public void begin(Consumer<VmName> told) {
        ended = told;
    }

    /** A process that is held for good, even if its number is used again. */
    public record Claimed(ProcessIdentity identity, Descriptor pidfd) {}

    /** Takes hold of a process; the caller then watches it or lets it go. */
    public Claimed claim(Pid pid) throws LinuxException {
        return claim(processes.identify(pid).orElseThrow(() -> ended(pid)));
    }

    /** Takes hold of this process and no other: compares its start time once its number cannot lead elsewhere. */
    private Claimed claim(ProcessIdentity process) throws LinuxException {
        Descriptor pidfd = processes.open(process.pid());
        boolean claimed = false;
        try {
            claimed = processes.identify(process.pid()).equals(Optional.of(process));
            if (!claimed) {
                throw ended(process.pid());
            }
            return new Claimed(process, pidfd);
        } finally {
            if (!claimed) {
                pidfd.close();
            }
        }
    }

    private static LinuxException ended(Pid pid) {
        return new LinuxException("pidfd_open", "process " + pid, Errno.ESRCH.code());
    }

    /** Whether a VM's process runs, or may run; false if none is known. */
    public boolean isAlive(VmRecord vm) {
        return vm.bootId().equals(bootId) && vm.process().filter(this::isAlive).isPresent();
    }

    /** Whether its labels are back while its process still runs. */
    public boolean isStopped(VmRecord vm) {
        return vm.phase() == VmRecord.Phase.STOPPING && isAlive(vm);
    }

    /** The problem for a VM that is {@linkplain #isStopped stopped}. */
    public static Problem stillRuns(Problem.Kind kind, VmRecord vm) {
        return Problem.of(
                kind,
                "VM " + vm.name() + " was stopped, and its process "
                        + vm.process().map(ProcessIdentity::pid).orElseThrow() + " still runs; end that first");
    }

    private boolean isAlive(ProcessIdentity process) {
        try {
            return processes.identify(process.pid()).equals(Optional.of(process));
        } catch (LinuxException e) {
            // Its labels may not go back while it runs. The round over unwatched VMs will try again.
            LOG.warn("whether process {} is alive cannot be told: {}", process.pid(), e.getMessage());
            return true;
        }
    }

    public void watch(VmName name, Descriptor pidfd) {
        watch.add(name, pidfd);
    }

    /** Watches the VM's process, if it has one, unless it is watched already. */
    public void watch(VmRecord vm) {
        if (vm.process().isEmpty() || watch.watches(vm.name())) {
            return;
        }
        try {
            watch.add(vm.name(), claim(vm.process().get()).pidfd());
        } catch (LinuxException e) {
            // The round over unwatched VMs will try again.
            LOG.warn("VM {}: its process cannot be watched: {}", vm.name(), e.getMessage());
        }
    }

    public boolean isWatched(VmRecord vm) {
        return watch.watches(vm.name());
    }

    public void forget(VmName name) {
        watch.remove(name);
    }

    @Override
    public void close() {
        watch.close();
    }
}
