package labeler.lifecycle.disk;

import jakarta.inject.Inject;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import labeler.journal.DiskRecord;
import labeler.journal.VmRecord;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.hold.HostLock;
import labeler.lifecycle.hold.VmProcesses;
import labeler.linux.HostPath;
import labeler.linux.ProcessIdentity;
import labeler.problem.Problem;
import labeler.qmp.Monitors;
import labeler.vm.VmName;

/** VMs whose qemu is being spoken to: one at a time, for as long as it takes. */
public final class MonitorAccess {
    /** In the VM's runtime directory. */
    private static final String SOCKET = "qmp";

    private final HostLock lock;
    private final VmProcesses processes;
    private final RuntimeDirectories runtime;
    private final Monitors monitors;

    /** Guarded by the lock. */
    private final Set<VmName> busy = new HashSet<>();

    @Inject
    MonitorAccess(HostLock lock, VmProcesses processes, RuntimeDirectories runtime, Monitors monitors) {
        this.lock = lock;
        this.processes = processes;
        this.runtime = runtime;
        this.monitors = monitors;
    }

    /** Where the monitor of a VM is unless somebody says otherwise. */
    HostPath socket(VmName name) {
        return HostPath.of(runtime.path(name).resolve(SOCKET));
    }

    /** With the lock held. */
    void begin(VmName name) {
        busy.add(name);
    }

    /** Under no lock. */
    void finish(VmName name) {
        lock.changing(() -> busy.remove(name));
    }

    /** Speaks to the qemu of a VM, under no lock, since it may hang. */
    DiskMonitorDialogue.Outcome speak(
            VmRecord vm,
            DiskRecord disk,
            HostPath socket,
            Function<DiskMonitorDialogue, DiskMonitorDialogue.Outcome> dialogue) {
        return switch (monitors.open(
                socket,
                vm.process().map(ProcessIdentity::pid).orElseThrow(),
                vm.contexts().level())) {
            case Monitors.NotOpen(String message) -> new DiskMonitorDialogue.Refused(message);
            case Monitors.Open(var monitor) -> {
                try (monitor) {
                    // Its number could have been another's by the time of the connection.
                    yield processes.isAlive(vm)
                            ? dialogue.apply(new DiskMonitorDialogue(monitor, disk.name()))
                            : new DiskMonitorDialogue.Refused("the VM's process has ended");
                }
            }
        };
    }

    /** With the lock held: why this VM's qemu cannot be spoken to just now. */
    Optional<Problem> obstacle(VmRecord vm) {
        if (busy.contains(vm.name())) {
            return Optional.of(Problem.of(
                    Problem.Kind.IN_USE, "another disk of VM " + vm.name() + " is being attached or detached; wait"));
        }
        if (vm.process().isEmpty()) {
            return Optional.of(Problem.of(
                    Problem.Kind.UNSUPPORTED,
                    "nobody told which process VM " + vm.name() + " is, so that its monitor cannot be known to be its"
                            + " own; start it with labeler run, or with --pid"));
        }
        return vm.phase() == VmRecord.Phase.RUNNING && processes.isAlive(vm)
                ? Optional.empty()
                : Optional.of(Problem.of(
                        Problem.Kind.PROCESS_ENDED, "VM " + vm.name() + " was stopped, or its process has ended"));
    }
}
