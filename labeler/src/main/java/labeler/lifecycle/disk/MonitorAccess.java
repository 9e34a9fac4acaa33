package labeler.lifecycle.disk;

import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import labeler.guard.place.GuardedVms;
import labeler.journal.DiskRecord;
import labeler.journal.Journal;
import labeler.journal.VmRecord;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.GuardState;
import labeler.lifecycle.hold.HostLock;
import labeler.lifecycle.hold.VmProcesses;
import labeler.linux.HostPath;
import labeler.linux.ProcessIdentity;
import labeler.problem.Problem;
import labeler.qmp.Monitors;
import labeler.qmp.UnixMonitors;
import labeler.vm.VmName;

/** VMs whose qemu is in a dialogue: one dialogue at a time for a VM, for as long as it takes. */
final class MonitorAccess {
    /** In the VM's runtime directory. */
    private static final String SOCKET = "qmp";

    /** A look takes milliseconds; a file system that does not answer may hold up the label of a file. */
    private static final Duration SETTLED_WITHIN = Duration.ofSeconds(10);

    private final HostLock lock;
    private final VmProcesses processes;
    private final RuntimeDirectories runtime;
    private final Monitors monitors;
    private final GuardedVms guards;
    private final Journal journal;

    /** Guarded by the lock. */
    private final Set<VmName> busy = new HashSet<>();

    @Inject
    MonitorAccess(
            HostLock lock,
            VmProcesses processes,
            RuntimeDirectories runtime,
            Monitors monitors,
            GuardedVms guards,
            Journal journal) {
        this.lock = lock;
        this.processes = processes;
        this.runtime = runtime;
        this.monitors = monitors;
        this.guards = guards;
        this.journal = journal;
    }

    /** The default place of a VM's monitor. */
    HostPath socket(VmName name) {
        return HostPath.of(runtime.path(name).resolve(SOCKET));
    }

    /** Runs with the lock held. */
    void begin(VmName name) {
        busy.add(name);
    }

    /** Runs without the lock. */
    void finish(VmName name) {
        lock.changing(() -> busy.remove(name));
    }

    /** Waits until a guard, if there is one, has ended the holds on what qemu has no more. Runs without the lock. */
    void awaitSettled(VmName name) {
        guards.awaitSettled(name, SETTLED_WITHIN);
    }

    /** Speaks to the qemu of a VM. Holds no lock, since qemu may hang. */
    DiskMonitorDialogue.Outcome speak(
            VmRecord vm,
            DiskRecord disk,
            HostPath socket,
            Function<DiskMonitorDialogue, DiskMonitorDialogue.Outcome> dialogue) {
        return switch (open(vm, socket)) {
            case Monitors.NotOpen(String message) -> new DiskMonitorDialogue.Refused(message);
            case Monitors.Open(var monitor) -> {
                try (monitor) {
                    // By the time of the connection, the number could have been another process's.
                    yield processes.isAlive(vm)
                            ? dialogue.apply(new DiskMonitorDialogue(monitor, disk.name()))
                            : new DiskMonitorDialogue.Refused("the VM's process has ended");
                }
            }
        };
    }

    /** A guarded monitor has no other client than the guard, which the service goes past. */
    private Monitors.Opening open(VmRecord vm, HostPath socket) {
        boolean isGuarded = guards.state(vm.name()) != GuardState.OFF
                && (socket.equals(socket(vm.name())) || guards.serves(vm.name(), socket));
        return isGuarded
                ? guards.monitor(vm.name(), UnixMonitors.PATIENCE)
                        .<Monitors.Opening>map(Monitors.Open::new)
                        .orElseGet(() -> new Monitors.NotOpen("the VM's guarded monitor is not reached within "
                                + UnixMonitors.PATIENCE.toSeconds() + " s; is its qemu at work?"))
                : recorded(
                        vm,
                        monitors.open(
                                socket,
                                vm.process().map(ProcessIdentity::pid).orElseThrow(),
                                vm.contexts().level()));
    }

    private Monitors.Opening recorded(VmRecord vm, Monitors.Opening opening) {
        return switch (opening) {
            case Monitors.Open(var monitor) -> new Monitors.Open(new RecordingMonitor(monitor, journal, vm.name()));
            case Monitors.NotOpen refused -> refused;
        };
    }

    /** The reason why this VM's qemu cannot be spoken to now. Runs with the lock held. */
    Optional<Problem> obstacle(VmRecord vm) {
        if (busy.contains(vm.name())) {
            return Optional.of(Problem.of(
                    Problem.Kind.IN_USE, "another disk of VM " + vm.name() + " is being attached or detached; wait"));
        }
        if (vm.process().isEmpty()) {
            return Optional.of(Problem.of(
                    Problem.Kind.UNSUPPORTED,
                    "VM " + vm.name()
                            + " has no known process, so its monitor cannot be verified; start it with labeler run,"
                            + " or with --pid"));
        }
        return vm.phase() == VmRecord.Phase.RUNNING && processes.isAlive(vm)
                ? Optional.empty()
                : Optional.of(Problem.of(
                        Problem.Kind.PROCESS_ENDED, "VM " + vm.name() + " was stopped, or its process has ended"));
    }
}
