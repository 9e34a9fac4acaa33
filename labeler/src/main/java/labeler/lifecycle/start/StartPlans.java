package labeler.lifecycle.start;

import jakarta.inject.Inject;
import java.util.List;
import labeler.fileset.FileSet;
import labeler.lifecycle.ArrivalOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.OtherHosts;
import labeler.lifecycle.hold.VmProcesses;
import labeler.lifecycle.plan.PlanMaker;
import labeler.plan.HandoverSupport;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.vm.VmName;

/** The plans of starts: what is seen of the files, what other hosts grant, and the decision from both. */
record StartPlans(Ledger ledger, PlanMaker planMaker, VmProcesses processes) {
    @Inject
    StartPlans {}

    /**
     * Whether the VM of this name will be gone soon. Where many VMs end at once, the end of one whose process is gone may
     * not have had its turn. Needs the lock.
     */
    boolean isEnding(VmName name) {
        return ledger.claims().isEnding(name)
                || ledger.holdings().vm(name).filter(processes::hasEnded).isPresent();
    }

    /** Who is at work on a VM that ought to be gone. Needs the lock. */
    String words(VmName name) {
        return ledger.claims().isTaken(name)
                ? ledger.claims().words(name)
                : "the process of VM " + name
                        + " has ended, and its files have not gone back all the while; try again, or"
                        + " end it with labeler stop";
    }

    /** Looks at files and processes. Runs without the lock. */
    PlanMaker.Look look(StartRequest request, FileSet files) {
        return planMaker.look(request, files);
    }

    /** The way for libvirt's domains with files that carry no label. */
    HandoverSupport domains() {
        return planMaker.domains();
    }

    /** The plan, without other hosts. */
    PlanMaker.Outcome prepare(StartRequest request, PlanMaker.Looked looked, HandoverSupport passing) {
        return planMaker.prepare(request, looked, ledger.holdings(), ledger.holdings(), passing);
    }

    /** The plan for a start, with what other hosts have granted. */
    PlanMaker.Outcome prepare(StartRequest request, PlanMaker.Looked looked, OtherHosts.Share share) {
        return planMaker.prepare(
                request,
                looked,
                share.held(ledger.holdings()),
                ledger.holdings(),
                request.passing(planMaker.domains()));
    }

    /** The request at the level that other hosts have granted. */
    static StartRequest at(StartRequest request, OtherHosts.Share share) {
        return share.level().map(request::at).orElse(request);
    }

    /** Asks other hosts for a level and for the files. Runs without the lock, before anything is read for good. */
    OtherHosts.Answer claim(StartRequest request, FileSet files, long deadline) {
        if (ledger.others().isAlone()) {
            return OtherHosts.everything();
        }
        VmName name = request.name();
        // A VM that ends has its name in the cluster until it has ended.
        boolean isFree = ledger.lock().holding(() -> ledger.claims().await(() -> !isEnding(name), deadline));
        if (!isFree) {
            return new OtherHosts.NotAgreed(List.of(Claims.problem(ledger.lock().holding(() -> words(name)))));
        }
        ledger.claims().resume();
        return switch (planMaker.look(request, files)) {
            case PlanMaker.NotLooked(Problem problem) -> new OtherHosts.NotAgreed(List.of(problem));
            case PlanMaker.Looked looked -> claim(request, looked);
        };
    }

    private OtherHosts.Answer claim(StartRequest request, PlanMaker.Looked looked) {
        return switch (ledger.others().start(newcomer(request, looked))) {
            case OtherHosts.Agreed agreed -> agreed;
            case OtherHosts.NotAgreed refused -> inOwnWords(request, looked, refused);
        };
    }

    private OtherHosts.Newcomer newcomer(StartRequest request, PlanMaker.Looked looked) {
        return new OtherHosts.Newcomer(
                request.name(),
                request.uuid(),
                request.isArriving(),
                planMaker.wish(request, looked, ledger.holdings()),
                pair -> planMaker.contexts(request.definition(), pair),
                OtherHosts.wishes(looked.labels(), ledger.holdings()));
    }

    /** Whether the VM can come from the host on which it runs. Runs without the lock, and changes nothing. */
    ArrivalOutcome arrival(StartRequest request, FileSet files) {
        return switch (planMaker.look(request, files)) {
            case PlanMaker.NotLooked(Problem problem) -> new ArrivalOutcome.Refused(List.of(problem));
            case PlanMaker.Looked looked ->
                switch (ledger.others().whereabouts(newcomer(request, looked))) {
                    case OtherHosts.Nowhere() -> new ArrivalOutcome.Unknown();
                    case OtherHosts.MayNotCome(List<Problem> problems) -> new ArrivalOutcome.Refused(problems);
                    case OtherHosts.RunsOn from -> arrival(request, looked, from);
                };
        };
    }

    /** It has the pair there already. So nobody of this host may have it. */
    private ArrivalOutcome arrival(StartRequest request, PlanMaker.Looked looked, OtherHosts.RunsOn from) {
        SecurityContext process =
                planMaker.contexts(request.definition(), from.pair()).process();
        StartRequest there = request.with(request.definition().withOwnContext(process));
        return ledger.lock()
                .holding(() -> planMaker.levelProblem(there, looked, ledger.holdings()))
                .<ArrivalOutcome>map(problem -> new ArrivalOutcome.Refused(List.of(inTheWay(problem, process, from))))
                .orElseGet(() -> new ArrivalOutcome.Comes(from.host(), process));
    }

    private static Problem inTheWay(Problem problem, SecurityContext process, OtherHosts.RunsOn from) {
        return problem.kind() == Problem.Kind.LEVEL_IN_USE
                ? Problem.of(
                        Problem.Kind.LEVEL_IN_USE,
                        "it runs at the level " + process.level() + " on host " + from.host()
                                + ", and here another VM or process has that level, or a file of another VM that is"
                                + " not given back yet; labeler status shows who has it; end that, or move the VM to"
                                + " another host")
                : problem;
    }

    /** Where a VM of this host is in the way, its name says more than that of the host. */
    private OtherHosts.NotAgreed inOwnWords(
            StartRequest request, PlanMaker.Looked looked, OtherHosts.NotAgreed refused) {
        PlanMaker.Outcome own =
                ledger.lock().holding(() -> prepare(request, looked, request.passing(planMaker.domains())));
        List<Problem> here = own instanceof PlanMaker.Prepared prepared
                ? prepared.plan().problems().stream()
                        .filter(problem -> problem.kind() == Problem.Kind.IN_USE)
                        .filter(_ -> isInUse(refused))
                        .toList()
                : List.of();
        return here.isEmpty() ? refused : new OtherHosts.NotAgreed(here);
    }

    private static boolean isInUse(OtherHosts.NotAgreed refused) {
        return refused.problems().stream().anyMatch(problem -> problem.kind() == Problem.Kind.IN_USE);
    }
}
