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

/** The processes that VMs live in: which one it is, whether it lives, and being told when it ends. */
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
     * From now on somebody is told of ends; to be called before anything is watched.
     *
     * @param told called on a thread of its own with a VM whose process may have ended: {@link #isAlive} tells
     */
    public void begin(Consumer<VmName> told) {
        ended = told;
    }

    /** A process held for good, whatever becomes of its number. */
    public record Claimed(ProcessIdentity identity, Descriptor pidfd) {}

    /** Takes hold of a process, which its caller then watches or lets go. */
    public Claimed claim(Pid pid) throws LinuxException {
        return claim(processes.identify(pid).orElseThrow(() -> ended(pid)));
    }

    /** Takes hold of this process and no other: its start time is compared once its number leads nowhere else any more. */
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

    /** Whether a VM's process still runs, or may; false where none is known. */
    public boolean isAlive(VmRecord vm) {
        return vm.bootId().equals(bootId) && vm.process().filter(this::isAlive).isPresent();
    }

    /** Whether its labels are back, and its process runs on. */
    public boolean isStopped(VmRecord vm) {
        return vm.phase() == VmRecord.Phase.STOPPING && isAlive(vm);
    }

    /** Of a VM that is {@linkplain #isStopped stopped}. */
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
            // Its labels may not go back under it. Whoever looks after unwatched VMs comes by again.
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
            // Whoever looks after unwatched VMs comes by again.
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
