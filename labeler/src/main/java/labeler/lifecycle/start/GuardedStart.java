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
import labeler.lifecycle.ArrivalOutcome;
import labeler.lifecycle.GuardOutcome;
import labeler.lifecycle.GuardRequest;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.qemu.monitor.CommandLineMonitors;

/** Starts, with a guard before the monitor of each VM that {@code labeler run} starts. */
public final class GuardedStart {
    private final StartSteps steps;
    private final GuardConfig config;
    private final RuntimeDirectories runtime;
    private final GuardAttach attach;

    @Inject
    GuardedStart(StartSteps steps, GuardConfig config, RuntimeDirectories runtime, GuardAttach attach) {
        this.steps = steps;
        this.config = config;
        this.runtime = runtime;
        this.attach = attach;
    }

    /** Shows the effects of a start; changes nothing. */
    public PlanOutcome plan(StartRequest request) {
        boolean isGuarded = request.launch() == StartRequest.Launch.RUN
                && request.commandLine().isPresent();
        return isGuarded ? plan(guarded(request)) : steps.plan(request);
    }

    private PlanOutcome plan(Guarded guarded) {
        return switch (steps.plan(guarded.request())) {
            case PlanOutcome.Planned(VmView vm) -> new PlanOutcome.Planned(vm.withProblems(guarded.problems()));
            case PlanOutcome.NotPlanned(List<Problem> problems) -> new PlanOutcome.NotPlanned(problems);
        };
    }

    /** Starts a VM, unless its command line leads around its guard, or its process would end at once. */
    public StartOutcome start(StartRequest request) {
        boolean isGuarded = request.launch() == StartRequest.Launch.RUN
                && request.pid().isPresent()
                && request.commandLine().isPresent();
        return isGuarded ? start(guarded(request)) : steps.start(request);
    }

    /** Whether a VM can come from another host; changes nothing. */
    public ArrivalOutcome arrival(StartRequest request) {
        return steps.arrival(request);
    }

    /** Puts a guard before the monitor of a VM that runs. */
    public GuardOutcome guard(GuardRequest request) {
        return attach.guard(request);
    }

    private StartOutcome start(Guarded guarded) {
        return guarded.problems().isEmpty()
                ? steps.start(guarded.request())
                : new StartOutcome.NotStarted(guarded.problems());
    }

    /**
     * A request with its guard.
     *
     * @param problems reasons why there can be no guard
     */
    private record Guarded(StartRequest request, List<Problem> problems) {
        Guarded {
            problems = List.copyOf(problems);
        }
    }

    private Guarded guarded(StartRequest request) {
        CommandLineMonitors monitors =
                CommandLineMonitors.of(request.commandLine().orElseThrow(), config.allow()::contains);
        List<Problem> problems = new ArrayList<>(monitors.problems());
        Path directory = runtime.path(request.name());
        monitors.places()
                .forEach(place ->
                        GuardAttach.notYours(place, directory, request.owner()).ifPresent(problems::add));
        if (!problems.isEmpty()) {
            return new Guarded(request, problems);
        }
        Set<HostPath> places = new LinkedHashSet<>();
        places.add(HostPath.of(directory.resolve(GuardedVms.SOCKET)));
        places.addAll(monitors.places());
        return new Guarded(
                request.guarded(monitors.line(), new StartRequest.Guarding(List.copyOf(places), monitors.isWhole())),
                List.of());
    }
}
