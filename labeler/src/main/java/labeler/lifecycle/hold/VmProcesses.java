package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    /** A qemu with much to write needs some seconds. */
    private static final int GRACE_MILLIS = 10_000;

    /** A killed process ends at once, unless it waits in the kernel. */
    private static final int KILLED_MILLIS = 5_000;

    private static final int NOBODY = -1;

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

    /** The process that has this number now. */
    public ProcessIdentity identify(Pid pid) throws LinuxException {
        return processes.identify(pid).orElseThrow(() -> ended(pid));
    }

    /**
     * Takes hold of this process and no other: compares its start time once its number cannot lead elsewhere. The caller
     * then watches it or lets it go.
     */
    public Claimed claim(ProcessIdentity process) throws LinuxException {
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
        return vm.start().bootId().equals(bootId)
                && vm.process().filter(this::isAlive).isPresent();
    }

    /** Whether it had a process that is gone, so that the VM goes as soon as somebody has time for its end. */
    public boolean hasEnded(VmRecord vm) {
        return vm.process().isPresent() && !isAlive(vm);
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

    /** The problem for a VM that nobody may stop while its process runs. */
    public static Problem runs(VmRecord vm) {
        Pid pid = vm.process().map(ProcessIdentity::pid).orElseThrow();
        return Problem.of(
                Problem.Kind.STILL_RUNNING,
                "process " + pid + " of VM " + vm.name() + " runs; --kill ends it and then gives the labels back;"
                        + " --force gives them back at once, and the process goes on without a wall of SELinux");
    }

    /**
     * Ends the VM's process, if it runs, and waits for that. First it is asked to end, so that qemu writes what it has.
     *
     * @param uid the user who wants that: another than root can only end processes of its own
     * @return why it still runs
     */
    public Optional<Problem> end(VmRecord vm, int uid) {
        if (!isAlive(vm)) {
            return Optional.empty();
        }
        ProcessIdentity process = vm.process().orElseThrow();
        try (Descriptor pidfd = claim(process).pidfd();
                Processes.Waker waker = processes.waker()) {
            if (uid != 0 && uid != owner(process.pid())) {
                return Optional.of(Problem.of(
                        Problem.Kind.STILL_RUNNING,
                        "process " + process.pid() + " belongs to another user; only root may end it"));
            }
            processes.terminate(pidfd);
            if (processes.awaitExit(List.of(pidfd), waker, GRACE_MILLIS).isEmpty()) {
                LOG.warn("VM {}: process {} does not end by SIGTERM, and is killed", vm.name(), process.pid());
                processes.kill(pidfd);
                if (processes.awaitExit(List.of(pidfd), waker, KILLED_MILLIS).isEmpty()) {
                    return Optional.of(Problem.of(
                            Problem.Kind.STILL_RUNNING,
                            "process " + process.pid() + " was killed and has not ended: it waits in the kernel, for a"
                                    + " file system that does not answer, say; mend that, and stop the VM again"));
                }
            }
            return Optional.empty();
        } catch (LinuxException e) {
            return isAlive(vm)
                    ? Optional.of(Problem.of(
                            Problem.Kind.STILL_RUNNING,
                            "process " + process.pid() + " cannot be ended (" + e.getMessage()
                                    + "); end it by other means: the labels go back when it has ended"))
                    : Optional.empty();
        }
    }

    /** The user of a process; none if that cannot be seen. */
    private static int owner(Pid pid) {
        try {
            return Files.getAttribute(Path.of("/proc/" + pid), "unix:uid") instanceof Integer uid ? uid : NOBODY;
        } catch (IOException e) {
            LOG.warn("cannot tell whose process {} is: {}", pid, e.getMessage());
            return NOBODY;
        }
    }

    private boolean isAlive(ProcessIdentity process) {
        try {
            return processes.identify(process.pid()).equals(Optional.of(process));
        } catch (LinuxException e) {
            // Its labels may not go back while it runs. The round over unwatched VMs will try again.
            LOG.warn("cannot tell whether process {} is alive: {}", process.pid(), e.getMessage());
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
