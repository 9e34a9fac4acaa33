package labeler.lifecycle.start;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.journal.VmRecord;
import labeler.lifecycle.ArrivalOutcome;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.acquisition.FileAcquisition;
import labeler.lifecycle.acquisition.HeldImages;
import labeler.lifecycle.acquisition.MissingOutputs;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.OtherHosts;
import labeler.lifecycle.plan.PlanMaker;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.problem.Problem;
import labeler.vm.VmName;
import labeler.work.FileSystemTask;
import labeler.work.FileSystemWork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A start, from the request to the answer. It runs on threads of its file systems, so that the caller gets an answer
 * even if a file system does not respond.
 */
record StartSteps(
        Ledger ledger,
        FileSetBuilder fileSets,
        StartPlans plans,
        VmStart vmStart,
        MissingOutputs missing,
        HeldImages images,
        FileSystemWork work) {
    private static final Logger LOG = LoggerFactory.getLogger(StartSteps.class);

    @Inject
    StartSteps {}

    /** Shows the effects of a start; changes nothing. */
    PlanOutcome plan(StartRequest request) {
        return work.run(places(request), errand -> plan(request, errand), _ -> {})
                .or(place -> notPlanned(Claims.problem(place)));
    }

    private PlanOutcome plan(StartRequest request, FileSystemTask errand) {
        FileSet built = fileSets.build(request.definition(), request.lookedFor());
        errand.afterwards(built::close);
        FileSet files = images.judged(built);
        ledger.holdings().nodes().look(ledger.holdings(), files, fileSets::reach);
        return switch (plans.look(request, files)) {
            case PlanMaker.NotLooked(Problem problem) -> notPlanned(problem);
            case PlanMaker.Looked looked -> ledger.lock().holding(() -> plan(request, files, looked));
        };
    }

    private PlanOutcome plan(StartRequest request, FileSet files, PlanMaker.Looked looked) {
        return switch (plans.prepare(request, looked, request.planned(plans.domains()))) {
            case PlanMaker.NoLevel(Problem problem) -> notPlanned(problem);
            case PlanMaker.Prepared prepared ->
                new PlanOutcome.Planned(vmStart.planned(request, files, prepared, heldAlready(request)));
        };
    }

    private static PlanOutcome notPlanned(Problem problem) {
        return new PlanOutcome.NotPlanned(List.of(problem));
    }

    /** Whether a VM can come from another host; changes nothing. */
    ArrivalOutcome arrival(StartRequest request) {
        if (ledger.others().isAlone()) {
            return new ArrivalOutcome.Unknown();
        }
        return work.<ArrivalOutcome>run(
                        FileSetBuilder.named(request.definition()), errand -> arrival(request, errand), _ -> {})
                .or(place -> new ArrivalOutcome.Refused(List.of(Claims.problem(place))));
    }

    /** A start tells of files that libvirt has still to make, or that cannot be read. */
    private ArrivalOutcome arrival(StartRequest request, FileSystemTask errand) {
        FileSet files = fileSets.build(request.definition());
        errand.afterwards(files::close);
        return plans.arrival(request, files);
    }

    StartOutcome start(StartRequest request) {
        Optional<Problem> held = ledger.lock()
                .holding(() -> heldAlready(request)
                        .or(() -> RoomForVms.lack(ledger.holdings().vms(), request.name())));
        if (held.isPresent()) {
            return notStarted(held.get());
        }
        StartRequest identified;
        try {
            identified = vmStart.identified(request);
        } catch (LinuxException e) {
            return notStarted(Problem.of(
                    Problem.Kind.PROCESS_ENDED,
                    "no process " + request.pid().orElseThrow() + " (" + e.getMessage() + ")"));
        }
        return work.run(places(request), errand -> start(identified, errand), _ -> {})
                .or(place -> notStarted(Claims.problem(place)));
    }

    /** Waits for a VM that is about to go: a caller who stops a VM may start it again. */
    private Optional<Problem> heldAlready(StartRequest request) {
        return plans.isEnding(request.name())
                ? Optional.empty()
                : ledger.holdings().vm(request.name()).map(vmStart::heldAlready);
    }

    private static StartOutcome notStarted(Problem problem) {
        return new StartOutcome.NotStarted(List.of(problem));
    }

    /** Where the look for files begins. Those that qemu would take for its own are all in one directory. */
    private static List<HostPath> places(StartRequest request) {
        return Stream.concat(
                        FileSetBuilder.named(request.definition()).stream(),
                        request.lookedFor().stream().limit(1))
                .toList();
    }

    private StartOutcome start(StartRequest request, FileSystemTask errand) {
        StartOutcome outcome = images.start(
                request,
                () -> {
                    FileSet files = fileSets.build(request.definition(), request.lookedFor());
                    errand.afterwards(files::close);
                    return files;
                },
                files -> start(request, files, errand, ledger.claims().deadline()));
        return outcome instanceof StartOutcome.NotStarted
                ? errand.refusedBy()
                        .map(place -> notStarted(Claims.problem(place)))
                        .orElse(outcome)
                : outcome;
    }

    private StartOutcome start(StartRequest request, FileSet files, FileSystemTask errand, long deadline) {
        while (true) {
            switch (claimed(request, files, errand, deadline)) {
                case VmStart.Over(StartOutcome outcome) -> {
                    return outcome;
                }
                case VmStart.FilesMissing(List<HostPath> paths) -> {
                    return switch (missing.make(paths, request.owner())) {
                        case MissingOutputs.NotMade(List<Problem> problems) -> new StartOutcome.NotStarted(problems);
                        case MissingOutputs.Made made -> start(request, files, made, errand, deadline);
                    };
                }
                // Each repetition adds one mount whose files are planned without a label.
                case VmStart.PlanAgain _, VmStart.Recorded _ -> {}
            }
        }
    }

    /** One attempt, with what other hosts grant. Whatever comes of it, nothing is granted any more that is not used. */
    private VmStart.Step claimed(StartRequest request, FileSet files, FileSystemTask errand, long deadline) {
        return plans.claim(request, files, deadline)
                .with(
                        share -> steps(StartPlans.at(request, share), files, share, errand, deadline),
                        step -> step instanceof VmStart.Over(StartOutcome.Started _),
                        problems -> new VmStart.Over(new StartOutcome.NotStarted(problems)));
    }

    private VmStart.Step steps(
            StartRequest request, FileSet files, OtherHosts.Share share, FileSystemTask errand, long deadline) {
        while (true) {
            switch (step(request, files, share, deadline)) {
                case VmStart.Recorded recorded -> {
                    return vmStart.finish(recorded, files, errand);
                }
                case VmStart.PlanAgain() -> {}
                case VmStart.Over over -> {
                    return over;
                }
                case VmStart.FilesMissing missingFiles -> {
                    return missingFiles;
                }
            }
        }
    }

    /** Repeats the start from the plan on, with files that were made for it. A start that fails removes them. */
    private StartOutcome start(
            StartRequest request, FileSet files, MissingOutputs.Made made, FileSystemTask errand, long deadline) {
        errand.afterwards(made::close);
        boolean started = false;
        try {
            StartOutcome outcome =
                    images.start(request, made, () -> start(request, files.with(made.files()), errand, deadline));
            started = outcome instanceof StartOutcome.Started;
            return outcome;
        } finally {
            if (!started) {
                missing.remove(made.newFiles())
                        .forEach(problem -> LOG.warn("VM {}: {}", request.name(), problem.message()));
            }
        }
    }

    private VmStart.Step step(StartRequest request, FileSet files, OtherHosts.Share share, long deadline) {
        work.resume();
        Claims.Look look = ledger.look(files);
        try {
            FileAcquisition acquisition = vmStart.look(files, share);
            return switch (plans.look(request, files)) {
                case PlanMaker.NotLooked(Problem problem) -> new VmStart.Over(notStarted(problem));
                case PlanMaker.Looked looked ->
                    ledger.lock()
                            .holding(
                                    () -> decide(request, files, new Seen(look, looked, acquisition, share), deadline));
            };
        } finally {
            ledger.close(look);
        }
    }

    /** All facts that were found without the lock. */
    private record Seen(
            Claims.Look look, PlanMaker.Looked looked, FileAcquisition acquisition, OtherHosts.Share share) {}

    /** Checks that the facts still hold, or asks for a new look. Runs with the lock held. */
    private VmStart.Step decide(StartRequest request, FileSet files, Seen seen, long deadline) {
        Supplier<Optional<String>> obstacle = () -> inTheWay(request, files);
        if (obstacle.get().isPresent()) {
            return ledger.claims().await(() -> obstacle.get().isEmpty(), deadline)
                    ? new VmStart.PlanAgain()
                    : new VmStart.Over(
                            notStarted(Claims.problem(obstacle.get().orElse("its files are busy; try again"))));
        }
        Optional<VmRecord> held = ledger.holdings().vm(request.name());
        if (held.isPresent()) {
            return new VmStart.Over(notStarted(vmStart.heldAlready(held.get())));
        }
        if (seen.look().isStale()) {
            return new VmStart.PlanAgain();
        }
        return switch (plans.prepare(request, seen.looked(), seen.share())) {
            case PlanMaker.NoLevel(Problem problem) -> new VmStart.Over(notStarted(problem));
            case PlanMaker.Prepared prepared -> {
                prepared.warning().ifPresent(warning -> LOG.warn("VM {}: {}", request.name(), warning));
                yield vmStart.record(request, files, prepared, seen.acquisition());
            }
        };
    }

    private Optional<String> inTheWay(StartRequest request, FileSet files) {
        return isBeingLeft(request.name()) ? Optional.of(plans.words(request.name())) : ledger.inTheWay(files);
    }

    /** Also where somebody is still at work on a VM that is off the record: a start that failed, for one. */
    private boolean isBeingLeft(VmName name) {
        Claims claims = ledger.claims();
        return plans.isEnding(name)
                || (claims.isTaken(name) && ledger.holdings().vm(name).isEmpty());
    }
}
