package labeler.lifecycle.start;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.fileset.FileSet;
import labeler.journal.HoldTrigger;
import labeler.journal.VmRecord;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmView;
import labeler.lifecycle.acquisition.FileAcquisition;
import labeler.lifecycle.acquisition.MissingOutputs;
import labeler.lifecycle.confinement.Confinement;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.OpenDirectories;
import labeler.lifecycle.hold.OtherHosts;
import labeler.lifecycle.hold.VmProcesses;
import labeler.lifecycle.hold.VmViews;
import labeler.lifecycle.plan.DescriptorHandover;
import labeler.lifecycle.plan.PlanMaker;
import labeler.lifecycle.release.Release;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.ProcessIdentity;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.vm.qemu.handover.RewriteResult;
import labeler.work.FileSystemTask;

/**
 * A start whose plan has no problem: all steps around the labels. The lock is held only for the record, since a file
 * system that hangs may not delay other VMs.
 */
record VmStart(
        Ledger ledger,
        VmProcesses processes,
        Confinement confinement,
        Release release,
        FileAcquisition.Factory acquisitions,
        LaunchFiles launchFiles,
        LaunchHandover handover) {
    @Inject
    VmStart {}

    /** The progress of a start. */
    sealed interface Step {}

    /** The start is over. */
    record Over(StartOutcome outcome) implements Step {}

    /**
     * Nothing has changed, and another plan is needed. Either a file system seemed to take labels but does not, or a
     * label was given back after it was read.
     */
    record PlanAgain() implements Step {}

    /** Nothing has changed: these files do not exist and have to be made first. */
    record FilesMissing(List<HostPath> paths) implements Step {
        FilesMissing {
            paths = List.copyOf(paths);
        }
    }

    /** The VM is on record, this thread works on it, and its files are to be labelled. */
    record Recorded(
            StartRequest request,
            PlanMaker.Prepared prepared,
            DescriptorHandover.Possible handover,
            FileAcquisition.Taker start,
            FileAcquisition files,
            Optional<VmProcesses.Claimed> process)
            implements Step {}

    /** The labels are set; some files may have to be handed over. */
    record Labelled(
            StartRequest request, PlanMaker.Prepared prepared, VmRecord vm, DescriptorHandover.Possible handover) {}

    /**
     * The VM that this start would give.
     *
     * @param held why another VM cannot have the name
     */
    VmView planned(StartRequest request, FileSet files, PlanMaker.Prepared prepared, Optional<Problem> held) {
        SecurityContext process = prepared.contexts().process();
        List<Problem> more = Stream.concat(held.stream(), confinement.problems(request, process).stream())
                .toList();
        return VmViews.planned(
                request,
                files,
                prepared,
                confinement.of(request, process, prepared.plan().passed()),
                more,
                request.commandLine().map(_ -> rewrite(request, files, prepared)));
    }

    /** The same request for the process that has the number now, unless it is known already which one is meant. */
    StartRequest identified(StartRequest request) throws LinuxException {
        return request.pid().isPresent() && request.process().isEmpty()
                ? request.with(processes.identify(request.pid().get()))
                : request;
    }

    /** Collects the facts about the files. Runs without the lock, before anything else. */
    FileAcquisition look(FileSet files, OtherHosts.Share share) {
        return acquisitions.look(files, new HoldTrigger.Start(), Set.of(), share);
    }

    /** The reason why another VM cannot have the name. */
    Problem heldAlready(VmRecord vm) {
        return processes.isStopped(vm)
                ? VmProcesses.stillRuns(Problem.Kind.ALREADY_RUNNING, vm)
                : Problem.of(
                        Problem.Kind.ALREADY_RUNNING,
                        "a VM named " + vm.name() + " is held already; stop it first (labeler stop)");
    }

    /** Runs with the lock held. */
    Step record(StartRequest request, FileSet files, PlanMaker.Prepared prepared, FileAcquisition acquisition) {
        List<Problem> problems =
                confinement.problems(request, prepared.contexts().process());
        if (problems.isEmpty()) {
            problems = prepared.plan().problems();
        }
        if (!problems.isEmpty()) {
            return notStarted(problems);
        }
        return switch (rewrite(request, files, prepared)) {
            case DescriptorHandover.NotPossible(List<Problem> reasons) -> notStarted(reasons);
            case DescriptorHandover.Possible possible -> {
                List<HostPath> missing = MissingOutputs.missing(prepared.plan());
                Optional<Problem> refusal =
                        MissingOutputs.refusal(prepared.plan(), request.owner().uid());
                if (refusal.isPresent()) {
                    yield notStarted(List.of(refusal.get()));
                }
                List<Problem> opened = new OpenDirectories(ledger.holdings())
                        .ofStart(
                                request.name(),
                                confinement.confinement(
                                        request, prepared.contexts().process()),
                                prepared.plan());
                if (!opened.isEmpty()) {
                    yield notStarted(opened);
                }
                yield missing.isEmpty()
                        ? record(request, files, prepared, possible, acquisition)
                        : new FilesMissing(missing);
            }
        };
    }

    /** Only a VM with a command line can be handed anything; without one there is nothing to rewrite. */
    private DescriptorHandover.Outcome rewrite(StartRequest request, FileSet files, PlanMaker.Prepared prepared) {
        return request.commandLine()
                .map(commandLine -> handsImages(request, prepared)
                        ? DescriptorHandover.rewriteImages(
                                commandLine, files, prepared.plan(), launchFiles.path(request.name()))
                        : DescriptorHandover.rewrite(
                                commandLine, files, prepared.plan(), launchFiles.path(request.name())))
                .orElseGet(() ->
                        new DescriptorHandover.Possible(new RewriteResult.Rewritten(List.of(), List.of()), Map.of()));
    }

    /** Landlock grants no more later, and commands of a guarded monitor may need more. */
    private boolean handsImages(StartRequest request, PlanMaker.Prepared prepared) {
        return request.guarding().isPresent()
                && request.owner().uid() == 0
                && confinement
                        .confinement(request, prepared.contexts().process())
                        .landlock();
    }

    private Step record(
            StartRequest request,
            FileSet files,
            PlanMaker.Prepared prepared,
            DescriptorHandover.Possible possible,
            FileAcquisition acquisition) {
        Optional<VmProcesses.Claimed> claimed = Optional.empty();
        if (request.process().isPresent()) {
            ProcessIdentity process = request.process().get();
            try {
                claimed = Optional.of(processes.claim(process));
            } catch (LinuxException e) {
                return notStarted(List.of(Problem.of(
                        Problem.Kind.PROCESS_ENDED,
                        "process " + process.pid() + " ended before the VM had its files (" + e.getMessage()
                                + "); start it again")));
            }
        }
        Optional<VmProcesses.Claimed> own = claimed;
        StartRecord start = new StartRecord(
                ledger,
                release,
                launchFiles,
                request,
                holds -> new VmRecord(
                        request.name(),
                        VmRecord.Phase.STARTING,
                        prepared.contexts(),
                        own.map(VmProcesses.Claimed::identity),
                        confinement.confinement(request, prepared.contexts().process()),
                        holds,
                        files.external(),
                        List.of(),
                        new VmRecord.Start(ledger.bootId(), request.startedBy(), request.directory())));
        boolean isRecorded = false;
        try {
            List<Problem> problems = acquisition.record(
                    start,
                    Claims.Doing.STARTING,
                    files,
                    prepared.plan(),
                    possible.rewritten().descriptors());
            isRecorded = problems.isEmpty();
            return isRecorded
                    ? new Recorded(request, prepared, possible, start, acquisition, own)
                    : notStarted(problems);
        } finally {
            if (!isRecorded) {
                claimed.ifPresent(process -> process.pidfd().close());
            }
        }
    }

    /** Sets the labels, and hands over the files without one. Runs without the lock. */
    Step finish(Recorded recorded, FileSet files, FileSystemTask errand) {
        VmRecord vm = recorded.files().taken();
        boolean started = false;
        try {
            List<Problem> problems = recorded.files().label(recorded.start());
            if (!problems.isEmpty()) {
                boolean again = problems.stream().allMatch(one -> one.kind() == Problem.Kind.LABELS_UNAVAILABLE);
                return again ? new PlanAgain() : notStarted(problems);
            }
            recorded.process().ifPresent(process -> processes.watch(vm.name(), process.pidfd()));
            started = true;
        } finally {
            if (!started) {
                recorded.process().ifPresent(process -> process.pidfd().close());
            }
        }
        Labelled labelled = new Labelled(
                recorded.request(), recorded.prepared(), vm.with(VmRecord.Phase.RUNNING), recorded.handover());
        return new Over(handover.handOver(labelled, files, errand));
    }

    private static Step notStarted(List<Problem> problems) {
        return new Over(new StartOutcome.NotStarted(problems));
    }
}
