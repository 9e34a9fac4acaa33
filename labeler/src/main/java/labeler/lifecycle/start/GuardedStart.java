package labeler.lifecycle.start;

import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import labeler.config.GuardConfig;
import labeler.guard.place.GuardedVms;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.qemu.monitor.CommandLineMonitors;

/** Starts, with a guard before the monitor of each VM that {@code labeler run} starts. */
public final class GuardedStart {
    private final StartSteps steps;
    private final GuardConfig config;
    private final RuntimeDirectories runtime;

    @Inject
    GuardedStart(StartSteps steps, GuardConfig config, RuntimeDirectories runtime) {
        this.steps = steps;
        this.config = config;
        this.runtime = runtime;
    }

    /** Shows the effects of a start; changes nothing. */
    public PlanOutcome plan(StartRequest request) {
        return steps.plan(request);
    }

    /** Starts a VM, unless its command line leads around its guard. */
    public StartOutcome start(StartRequest request) {
        boolean isGuarded = request.launch() == StartRequest.Launch.RUN
                && request.pid().isPresent()
                && request.commandLine().isPresent();
        return isGuarded
                ? start(request, CommandLineMonitors.of(request.commandLine().get(), config.allow()::contains))
                : steps.start(request);
    }

    private StartOutcome start(StartRequest request, CommandLineMonitors monitors) {
        List<Problem> problems = new ArrayList<>(monitors.problems());
        Path directory = runtime.path(request.name());
        if (request.owner().uid() != 0) {
            // The service makes the socket with its own rights, and not with those of the caller who names it.
            monitors.places().stream()
                    .filter(place ->
                            !directory.equals(place.jdkPath().normalize().getParent()))
                    .forEach(place -> problems.add(Problem.of(
                            Problem.Kind.UNSUPPORTED,
                            place,
                            "the guarded monitor of another user than root can only be in the VM's runtime directory,"
                                    + " " + HostPath.of(directory))));
        }
        if (!problems.isEmpty()) {
            return new StartOutcome.NotStarted(problems);
        }
        Set<HostPath> places = new LinkedHashSet<>();
        places.add(HostPath.of(directory.resolve(GuardedVms.SOCKET)));
        places.addAll(monitors.places());
        return steps.start(
                request.guarded(monitors.line(), new StartRequest.Guarding(List.copyOf(places), monitors.isWhole())));
    }
}
