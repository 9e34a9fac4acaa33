package labeler.lifecycle.disk;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.VmProcesses;
import labeler.problem.Problem;
import labeler.vm.VmName;

/** VMs whose qemu is being spoken to: one at a time, for as long as it takes. Guarded by the lock. */
public final class MonitorAccess {
    private final VmProcesses processes;
    private final Set<VmName> busy = new HashSet<>();

    public MonitorAccess(VmProcesses processes) {
        this.processes = processes;
    }

    void begin(VmName name) {
        busy.add(name);
    }

    void end(VmName name) {
        busy.remove(name);
    }

    /** Why this VM's qemu cannot be spoken to just now. */
    Optional<Problem> obstacle(VmRecord vm) {
        if (busy.contains(vm.name())) {
            return Optional.of(problem(
                    Problem.Kind.IN_USE, "another disk of VM " + vm.name() + " is being attached or detached; wait"));
        }
        if (vm.process().isEmpty()) {
            return Optional.of(problem(
                    Problem.Kind.UNSUPPORTED,
                    "nobody told which process VM " + vm.name() + " is, so that its monitor cannot be known to be its"
                            + " own; start it with labeler run, or with --pid"));
        }
        return vm.phase() == VmRecord.Phase.RUNNING && processes.isAlive(vm)
                ? Optional.empty()
                : Optional.of(problem(
                        Problem.Kind.PROCESS_ENDED, "VM " + vm.name() + " was stopped, or its process has ended"));
    }

    private static Problem problem(Problem.Kind kind, String message) {
        return new Problem(kind, Optional.empty(), message);
    }
}
