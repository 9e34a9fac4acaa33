package labeler.lifecycle.acquisition;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.fileset.FileSet;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.journal.VmRecord;
import labeler.launch.HandedDescriptor;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.confinement.KernelCheck;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.OpenDirectories;
import labeler.lifecycle.hold.OtherHosts;
import labeler.lifecycle.plan.DescriptorHandover;
import labeler.lifecycle.plan.PlanMaker;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.plan.HandoverSupport;
import labeler.plan.Plan;
import labeler.problem.Problem;
import labeler.review.Taken;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.vm.qemu.handover.DescriptorSet;
import labeler.work.FileSystemTask;

/**
 * Takes files for a VM that runs: judges their headers, makes those that are missing, puts all on record, labels them,
 * and opens those that are to be handed over.
 */
public final class JoiningFiles {
    private final Ledger ledger;
    private final FileAcquisition.Factory acquisitions;
    private final PlanMaker planMaker;
    private final DescriptorHandover handover;
    private final KernelCheck kernel;
    private final HeldImages images;
    private final MissingOutputs outputs;

    @Inject
    JoiningFiles(
            Ledger ledger,
            FileAcquisition.Factory acquisitions,
            PlanMaker planMaker,
            DescriptorHandover handover,
            KernelCheck kernel,
            HeldImages images,
            MissingOutputs outputs) {
        this.ledger = ledger;
        this.acquisitions = acquisitions;
        this.planMaker = planMaker;
        this.handover = handover;
        this.kernel = kernel;
        this.images = images;
        this.outputs = outputs;
    }

    /** How qemu can be told. */
    public sealed interface Rewriting {}

    /** By names, and by these descriptors. */
    public record Rewritten(List<DescriptorSet> sets) implements Rewriting {
        public Rewritten {
            sets = List.copyOf(sets);
        }
    }

    /** A file that has to be handed over cannot be. */
    public record NotPossible(List<Problem> problems) implements Rewriting {
        public NotPossible {
            problems = List.copyOf(problems);
        }
    }

    /** The result. */
    public sealed interface Outcome {}

    /** No label was set. */
    public record Refused(List<Problem> problems) implements Outcome, Inner {}

    /** Labels were set for a short time, in which the VM could open the files. */
    public record TakenBack(List<Problem> problems) implements Outcome {}

    /** The labels are set, and qemu may be told. */
    public record Joined(JoinedFiles files) implements Outcome {}

    /** The progress while the lock is held. */
    sealed interface Inner {}

    /** Something has changed in the meantime. */
    private record Again() implements Inner {}

    private record FilesMissing(List<HostPath> paths) implements Inner {}

    private record Recorded(
            Plan plan,
            Predicate<HostPath> handed,
            List<DescriptorSet> sets,
            FileAcquisition.Taker taker,
            FileAcquisition acquisition)
            implements Inner {}

    /** The request, with the files as far as they exist. */
    private record Request(
            FileJoin joining,
            FileSet files,
            List<MissingOutputs.NewFile> made,
            OtherHosts.Share share,
            FileSystemTask errand,
            long deadline) {
        private Request with(MissingOutputs.Made missing) {
            return new Request(joining, files.with(missing.files()), missing.newFiles(), share, errand, deadline);
        }

        private Request with(OtherHosts.Share granted) {
            return new Request(joining, files, made, granted, errand, deadline);
        }
    }

    /** Takes them. Runs on a thread of the file systems, without the lock; the VM existed a moment ago. */
    public Outcome take(FileJoin joining, FileSet files, FileSystemTask errand) {
        List<Problem> relative = files.warnings().stream()
                .filter(warning -> warning.kind() == Problem.Kind.AMBIGUOUS)
                .toList();
        // A data file beside a directory of qemu's that is not known here; a start knows it, and only warns.
        List<Problem> refusal = relative.isEmpty() ? files.problems() : relative;
        if (!refusal.isEmpty()) {
            // A VM that has the files already may have made them so: what it writes next is on record as its own.
            return joining.account().isPresent()
                    ? believed(joining, images.taken(files, errand), () -> new Refused(refusal))
                    : new Refused(refusal);
        }
        Request request = new Request(
                joining,
                files,
                List.of(),
                OtherHosts.everything().share(),
                errand,
                ledger.claims().deadline());
        return believed(joining, images.taken(files, errand), () -> claimed(request));
    }

    private Outcome believed(FileJoin joining, Taken taken, Supplier<Outcome> take) {
        Optional<VmDefinition> account = joining.account();
        if (account.isPresent()) {
            return images.joinLate(joining.vm(), taken, account.get(), take, Refused::new);
        }
        return images.join(joining.vm(), joining.trigger(), taken, take, JoiningFiles::given, Refused::new);
    }

    private static HeldImages.Given given(Outcome outcome) {
        return switch (outcome) {
            case Refused _ -> HeldImages.Given.NO;
            case TakenBack _ -> HeldImages.Given.FOR_A_MOMENT;
            case Joined _ -> HeldImages.Given.YES;
        };
    }

    /** Asks other hosts first. */
    private Outcome claimed(Request request) {
        return claim(request).with(share -> take(request.with(share)), Joined.class::isInstance, Refused::new);
    }

    private OtherHosts.Answer claim(Request request) {
        FileJoin joining = request.joining();
        Optional<VmRecord> vm = ledger.holdings().vm(joining.vm());
        if (ledger.others().isAlone() || vm.isEmpty()) {
            return OtherHosts.everything();
        }
        return switch (planMaker.look(request.files())) {
            case PlanMaker.NotLooked(Problem problem) -> new OtherHosts.NotAgreed(List.of(problem));
            case PlanMaker.Looked looked ->
                ledger.others().join(vm.get(), OtherHosts.wishes(looked.labels(), joining.held(ledger.holdings())));
        };
    }

    private Outcome take(Request request) {
        while (true) {
            switch (step(request)) {
                case Refused refused -> {
                    return refused;
                }
                case Again() -> {}
                case FilesMissing(List<HostPath> paths) -> {
                    return made(request, paths);
                }
                case Recorded recorded -> {
                    return label(request, recorded);
                }
            }
        }
    }

    private Outcome made(Request request, List<HostPath> paths) {
        Optional<StartRequest.Owner> owner = request.joining().owner();
        if (owner.isEmpty()) {
            return new Refused(List.of(Problem.of(Problem.Kind.MISSING, paths.getFirst(), "it is not there")));
        }
        return switch (outputs.make(paths, owner.get())) {
            case MissingOutputs.NotMade(List<Problem> problems) -> new Refused(problems);
            case MissingOutputs.Made made -> {
                request.errand().afterwards(made::close);
                Taken empty = Taken.of(made.headers());
                yield switch (believed(request.joining(), empty, () -> claimed(request.with(made)))) {
                    case Refused(List<Problem> problems) -> new Refused(and(problems, outputs.remove(made.newFiles())));
                    case TakenBack(List<Problem> problems) ->
                        new TakenBack(and(problems, outputs.remove(made.newFiles())));
                    case Joined joined -> joined;
                };
            }
        };
    }

    private static List<Problem> and(List<Problem> problems, List<Problem> more) {
        return Stream.concat(problems.stream(), more.stream()).toList();
    }

    private Inner step(Request request) {
        ledger.claims().resume();
        FileSet files = request.files();
        Claims.Look look = ledger.look(files);
        try {
            FileAcquisition acquisition = acquisitions.look(
                    files,
                    request.joining().trigger(),
                    request.made().stream().map(MissingOutputs.NewFile::path).collect(Collectors.toSet()),
                    request.share());
            return switch (planMaker.look(files)) {
                case PlanMaker.NotLooked(Problem problem) -> new Refused(List.of(problem));
                case PlanMaker.Looked looked -> ledger.lock().holding(() -> decide(request, looked, acquisition, look));
            };
        } finally {
            ledger.close(look);
        }
    }

    private Optional<String> inTheWay(Request request) {
        VmName vm = request.joining().vm();
        return ledger.claims().isTaken(vm) ? Optional.of(ledger.claims().words(vm)) : ledger.inTheWay(request.files());
    }

    private Inner decide(Request request, PlanMaker.Looked looked, FileAcquisition acquisition, Claims.Look look) {
        Optional<String> inTheWay = inTheWay(request);
        if (inTheWay.isPresent()) {
            return ledger.claims().await(() -> inTheWay(request).isEmpty(), request.deadline())
                    ? new Again()
                    : new Refused(List.of(Claims.problem(inTheWay.get())));
        }
        FileJoin joining = request.joining();
        Optional<VmRecord> held = ledger.holdings().vm(joining.vm());
        Optional<Problem> obstacle = held.isEmpty()
                ? Optional.of(Problem.of(Problem.Kind.PROCESS_ENDED, "the VM has ended"))
                : joining.obstacle(held.get()).or(() -> JoinHandover.refusal(held.get(), joining.asker()));
        if (obstacle.isPresent()) {
            return new Refused(List.of(obstacle.get()));
        }
        if (look.isStale()) {
            return new Again();
        }
        VmRecord vm = held.orElseThrow();
        Plan plan = planMaker
                .prepareJoin(
                        vm.contexts(), looked, request.share().held(joining.held(ledger.holdings())), passing(joining))
                .plan();
        List<Problem> refusals = plan.problems().isEmpty()
                ? new OpenDirectories(ledger.holdings()).ofFiles(vm.name(), vm.confinement(), plan)
                : plan.problems();
        if (!refusals.isEmpty()) {
            return new Refused(refusals);
        }
        Predicate<HostPath> handed = JoinHandover.handed(vm, request.files(), plan);
        return switch (joining.rewrite(request.files().chains(), handed)) {
            case NotPossible(List<Problem> problems) -> new Refused(problems);
            case Rewritten(List<DescriptorSet> sets) -> {
                FileAcquisition.Taker taker = joining.taker(vm);
                yield record(request, vm, new Recorded(plan, handed, sets, taker, acquisition));
            }
        };
    }

    /** Nobody can hand over a file any more that qemu has opened already. */
    private HandoverSupport passing(FileJoin joining) {
        return joining.trigger() instanceof HoldTrigger.LiveDefinition
                ? planMaker.domains()
                : JoinHandover.passing(joining.asker());
    }

    private Inner record(Request request, VmRecord vm, Recorded prepared) {
        Optional<Problem> refusal =
                MissingOutputs.refusal(prepared.plan(), request.joining().asker());
        if (refusal.isPresent()) {
            return new Refused(List.of(refusal.get()));
        }
        List<HostPath> missing = MissingOutputs.missing(prepared.plan());
        if (!missing.isEmpty()) {
            return new FilesMissing(missing);
        }
        List<Problem> problems = prepared.acquisition()
                .record(prepared.taker(), Claims.Doing.CHANGING, request.files(), prepared.plan(), prepared.sets());
        if (!problems.isEmpty()) {
            return new Refused(problems);
        }
        request.joining().begun(vm);
        return prepared;
    }

    /** Sets the labels, and opens the files that are to be handed over. Runs without the lock. */
    private Outcome label(Request request, Recorded recorded) {
        VmRecord vm = recorded.acquisition().taken();
        List<HandedDescriptor> descriptors = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        boolean isLabelled = false;
        boolean complete = false;
        try {
            problems.addAll(recorded.acquisition().label(recorded.taker()));
            isLabelled = problems.isEmpty();
            if (isLabelled) {
                problems.addAll(open(request, recorded, descriptors));
            }
            complete = problems.isEmpty();
        } finally {
            // Also after an unforeseen exception.
            if (!complete) {
                descriptors.forEach(HandedDescriptor::close);
                List<FileHold> holds = recorded.acquisition().holds();
                problems.addAll(
                        isLabelled
                                ? request.joining().giveBack(vm, holds)
                                : request.joining().mend(vm, holds));
            }
        }
        if (!complete) {
            return new TakenBack(problems);
        }
        List<Problem> warnings = warnings(request.files());
        warnings.addAll(kernel.warnings(vm.contexts().process(), recorded.plan()));
        return new Joined(new JoinedFiles(
                ledger.holdings().vm(vm.name()).orElse(vm),
                recorded.acquisition().holds(),
                request.made(),
                request.files().chains(),
                request.files().names(),
                recorded.handed(),
                recorded.sets(),
                descriptors,
                warnings));
    }

    private List<Problem> open(Request request, Recorded recorded, List<HandedDescriptor> descriptors) {
        try {
            descriptors.addAll(handover.open(request.files(), recorded.sets()));
        } catch (LinuxException e) {
            return List.of(Problem.of(
                    Problem.Kind.LABEL_NOT_SET,
                    "a file that is to be handed over cannot be opened (" + e.getMessage() + ")"));
        }
        return !request.joining().isAwaited() || request.errand().isWanted()
                ? List.of()
                : List.of(Problem.of(Problem.Kind.LABEL_NOT_SET, "its files were there too late; try again"));
    }

    /** Warnings about these files. What is reached over the network is not among them and is not recorded. */
    private static List<Problem> warnings(FileSet files) {
        List<Problem> warnings = new ArrayList<>(files.warnings());
        files.external()
                .forEach(external -> warnings.add(Problem.of(
                        Problem.Kind.UNSUPPORTED,
                        external.reference() + " is reached over the network (" + external.protocol()
                                + "), and confined by nothing here")));
        return warnings;
    }
}
