package labeler.lifecycle.start;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.guard.place.GuardedVms;
import labeler.journal.GuardRecord;
import labeler.journal.VmRecord;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.GuardOutcome;
import labeler.lifecycle.GuardRequest;
import labeler.lifecycle.GuardState;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.VmProcesses;
import labeler.lifecycle.hold.VmViews;
import labeler.linux.HostPath;
import labeler.linux.KernelText;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.problem.Problem;
import labeler.qmp.Answer;
import labeler.qmp.Monitors;
import labeler.vm.qemu.monitor.CommandLineMonitors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a guard before the monitor of a VM whose qemu runs already. */
record GuardAttach(
        Ledger ledger,
        VmProcesses processes,
        VmViews views,
        RuntimeDirectories runtime,
        GuardedVms guards,
        Monitors monitors) {
    private static final Logger LOG = LoggerFactory.getLogger(GuardAttach.class);

    /** The label that qemu gives to each character device of -qmp and -monitor, with a number behind. */
    private static final String MONITOR_LABEL = "compat_monitor";

    private static final String GDB_LABEL = "gdb";

    @Inject
    GuardAttach {}

    /** Why somebody else than root may not have a guarded socket there; empty for whoever may. */
    static Optional<Problem> notYours(HostPath place, Path directory, StartRequest.Owner owner) {
        // The service makes the socket with its own rights, and not with those of the caller who names it. A place that
        // is
        // written with a link, or with the parent of a directory, may be anywhere.
        return owner.uid() == 0 || place.isEntryOf(HostPath.of(directory))
                ? Optional.empty()
                : Optional.of(Problem.of(
                        Problem.Kind.UNSUPPORTED,
                        place,
                        "for another user than root, a guarded monitor can only be in the VM's runtime directory, "
                                + HostPath.of(directory)));
    }

    GuardOutcome guard(GuardRequest request) {
        Optional<Problem> refusal = notYours(request.monitor(), runtime.path(request.name()), request.owner());
        return refusal.isPresent()
                ? notGuarded(refusal.get())
                : ledger.claims()
                        .having(
                                request.name(),
                                Claims.Doing.CHANGING,
                                () -> ledger.holdings()
                                        .vm(request.name())
                                        .map(vm -> guard(vm, request))
                                        .orElseGet(() -> notGuarded(Problem.of(
                                                Problem.Kind.PROCESS_ENDED, "VM " + request.name() + " has ended"))),
                                GuardAttach::notGuarded);
    }

    private GuardOutcome guard(VmRecord vm, GuardRequest request) {
        if (guards.state(vm.name()) != GuardState.OFF) {
            return notGuarded(Problem.of(
                    Problem.Kind.IN_USE, "VM " + vm.name() + " has a guard already; labeler status shows its socket"));
        }
        if (vm.process().isEmpty()) {
            return notGuarded(Problem.of(
                    Problem.Kind.UNSUPPORTED,
                    "VM " + vm.name() + " has no known process, so its monitor cannot be verified; start it with"
                            + " labeler run, or with --pid"));
        }
        if (vm.phase() != VmRecord.Phase.RUNNING || !processes.isAlive(vm)) {
            return notGuarded(Problem.of(
                    Problem.Kind.PROCESS_ENDED, "VM " + vm.name() + " was stopped, or its process has ended"));
        }
        Pid pid = vm.process().map(ProcessIdentity::pid).orElseThrow();
        return switch (monitors.open(request.monitor(), pid, vm.contexts().level())) {
            case Monitors.NotOpen(String message) -> notGuarded(Problem.of(Problem.Kind.UNSUPPORTED, message));
            case Monitors.Open(var monitor) -> {
                Answer devices;
                try (monitor) {
                    devices = monitor.execute("query-chardev", Json.object().build());
                }
                yield place(vm, request, isWhole(pid, request.monitor(), devices));
            }
        };
    }

    private GuardOutcome place(VmRecord vm, GuardRequest request, boolean isWhole) {
        try {
            guards.attach(vm, new GuardRecord(vm.name(), request.owner().uid(), isWhole, List.of(request.monitor())));
            return new GuardOutcome.Guarded(views.of(vm));
        } catch (IOException e) {
            return notGuarded(Problem.of(
                    Problem.Kind.LABEL_NOT_SET,
                    "no guard can be placed before the VM's monitor (" + e.getMessage() + ")"));
        }
    }

    /** Whether neither qemu nor its command line tells of another monitor. */
    private static boolean isWhole(Pid pid, HostPath monitor, Answer devices) {
        if (!(devices instanceof Answer.Done(JsonArray(List<Json> all)))) {
            return false;
        }
        List<String> labels = all.stream()
                .filter(JsonObject.class::isInstance)
                .map(device -> ((JsonObject) device).text("label").orElse(""))
                .toList();
        long others =
                labels.stream().filter(label -> label.startsWith(MONITOR_LABEL)).count();
        return !labels.contains(GDB_LABEL)
                && others <= 1
                && onCommandLine(pid)
                        .filter(found -> found.isWhole() && found.places().equals(List.of(monitor)))
                        .isPresent();
    }

    /** The monitors on the command line of a process. */
    private static Optional<CommandLineMonitors> onCommandLine(Pid pid) {
        try {
            byte[] words = Files.readAllBytes(Path.of("/proc", pid.toString(), "cmdline"));
            return CommandLineMonitors.ofRunning(KernelText.strings(words));
        } catch (IOException e) {
            LOG.info("the command line of process {} cannot be read: {}", pid, e.getMessage());
            return Optional.empty();
        }
    }

    private static GuardOutcome notGuarded(Problem problem) {
        return new GuardOutcome.NotGuarded(List.of(problem));
    }
}
