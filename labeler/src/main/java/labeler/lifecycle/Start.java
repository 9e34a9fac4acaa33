package labeler.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.apply.PlanApplier;
import labeler.fileset.FileSet;
import labeler.fileset.VmFile;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.linux.FileHandles;
import labeler.linux.FileStatus;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.ProcessIdentity;
import labeler.linux.SafeOpen;
import labeler.plan.LabelState;
import labeler.plan.PlannedFile;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.selinux.StoredLabel;

/**
 * One start, from the plan to the labels on disk: create what is missing, record, label, look again. Its caller has the
 * lock.
 */
final class Start {
    /** Only the VM's owner reads and writes what is made for it. */
    private static final int CREATED_MODE = 0600;

    private final Holdings holdings;
    private final Journal journal;
    private final PlanApplier applier;
    private final SafeOpen open;
    private final FileHandles handles;
    private final KernelCheck kernel;
    private final String bootId;

    private final List<OpenedFile> created = new ArrayList<>();
    private final List<PlanApplier.Step> steps = new ArrayList<>();
    private final List<FileRecord> newFiles = new ArrayList<>();
    private final List<FileHold> holds = new ArrayList<>();
    private final List<KernelCheck.Target> targets = new ArrayList<>();

    Start(
            Holdings holdings,
            Journal journal,
            PlanApplier applier,
            SafeOpen open,
            FileHandles handles,
            KernelCheck kernel,
            String bootId) {
        this.holdings = holdings;
        this.journal = journal;
        this.applier = applier;
        this.open = open;
        this.handles = handles;
        this.kernel = kernel;
        this.bootId = bootId;
    }

    /** Empty if the VM is held and labelled; else why not, and everything is as before. */
    List<Problem> run(
            StartRequest request,
            FileSet files,
            Preparation.Prepared prepared,
            Optional<ProcessIdentity> process,
            boolean landlock) {
        List<Problem> problems = collect(request, files, prepared.plan().files());
        if (!problems.isEmpty()) {
            removeCreated(problems);
            closeCreated();
            return problems;
        }
        VmRecord vm = new VmRecord(
                request.name(),
                VmRecord.Phase.STARTING,
                prepared.contexts(),
                process,
                landlock,
                bootId,
                holds,
                files.external());
        try {
            return recordAndLabel(vm);
        } finally {
            closeCreated();
        }
    }

    private List<Problem> recordAndLabel(VmRecord vm) {
        List<Problem> problems = new ArrayList<>();
        try {
            journal.recordStart(vm, newFiles);
        } catch (JournalException e) {
            problems.add(new Problem(Problem.Kind.JOURNAL_FAILED, Optional.empty(), String.valueOf(e.getMessage())));
            removeCreated(problems);
            return problems;
        }
        newFiles.forEach(holdings::put);
        holdings.put(vm);
        boolean held = false;
        try {
            problems.addAll(label(vm));
            held = problems.isEmpty();
            return problems;
        } finally {
            // Also where something throws that nobody foresaw: a VM that did not start may not stay half labelled.
            if (!held) {
                takeBack(vm, problems);
            }
        }
    }

    private List<Problem> label(VmRecord vm) {
        List<Problem> problems = applier.apply(steps);
        if (problems.isEmpty()) {
            problems = namesThatMoved();
        }
        if (problems.isEmpty()) {
            problems = new ArrayList<>(kernel.ownFiles(vm.contexts().process(), targets));
            problems.addAll(kernel.someOthers(vm, holdings.vms()));
        }
        return problems.isEmpty() ? finish(vm) : problems;
    }

    private void takeBack(VmRecord vm, List<Problem> problems) {
        try {
            problems.addAll(applier.takeBack(steps));
            removeCreated(problems);
        } finally {
            abandon(vm, problems);
        }
    }

    private List<Problem> finish(VmRecord vm) {
        try {
            journal.recordPhase(vm.name(), VmRecord.Phase.RUNNING);
            holdings.put(vm.with(VmRecord.Phase.RUNNING));
            return List.of();
        } catch (JournalException e) {
            return List.of(new Problem(Problem.Kind.JOURNAL_FAILED, Optional.empty(), String.valueOf(e.getMessage())));
        }
    }

    /** The labels are back; if the journal cannot take that in, the VM stays on record until a recovery finds it so. */
    private void abandon(VmRecord vm, List<Problem> problems) {
        try {
            journal.recordEnd(vm.name());
            holdings.remove(vm.name());
        } catch (JournalException e) {
            problems.add(new Problem(
                    Problem.Kind.JOURNAL_FAILED, Optional.empty(), e.getMessage() + "; then run labeler recover"));
        }
    }

    private List<Problem> collect(StartRequest request, FileSet files, List<PlannedFile> planned) {
        for (int i = 0; i < planned.size(); i++) {
            PlannedFile plan = planned.get(i);
            VmFile file = files.files().get(i);
            if (plan.treatment() == Treatment.PASS && file.file().isPresent()) {
                holds.add(hold(OptionalLong.of(passed(plan, file.file().get())), plan));
                continue;
            }
            if (plan.treatment() != Treatment.LABEL) {
                holds.add(hold(OptionalLong.empty(), plan));
                continue;
            }
            if (file.file().isPresent()) {
                try {
                    label(plan, file.file().get(), false, beforeOf(plan));
                } catch (LinuxException e) {
                    return new ArrayList<>(List.of(new Problem(
                            Problem.Kind.UNREADABLE,
                            Optional.of(file.path()),
                            "it could not be found again after a rename (" + e.getMessage() + ")")));
                }
            } else if (request.owner().uid() != 0) {
                return new ArrayList<>(List.of(new Problem(
                        Problem.Kind.MISSING,
                        Optional.of(file.path()),
                        "it is not there, and the service makes files for root alone; make it first")));
            } else {
                try {
                    OpenedFile made = open.create(
                            file.path(),
                            CREATED_MODE,
                            request.owner().uid(),
                            request.owner().gid());
                    created.add(made);
                    label(plan, made, true, labelOf(made));
                } catch (LinuxException e) {
                    return new ArrayList<>(List.of(new Problem(
                            Problem.Kind.MISSING,
                            Optional.of(file.path()),
                            "it is not there and cannot be made (" + e.getMessage() + ")")));
                }
            }
        }
        return new ArrayList<>();
    }

    /** On record like any other, so that it has one writer; with no label of ours. */
    private long passed(PlannedFile plan, OpenedFile file) {
        plan.facts()
                .label()
                .context()
                .ifPresent(context -> targets.add(new KernelCheck.Target(
                        file.path(), file.status().type(), context, KernelCheck.Use.ofPassed(plan.sharing()))));
        Optional<FileRecord> known = holdings.file(file.identity());
        if (known.isPresent() && !holdings.holders(known.get().id()).isEmpty()) {
            return known.get().id();
        }
        FileRecord record = new FileRecord(
                known.map(FileRecord::id).orElseGet(holdings::nextId),
                file.identity(),
                file.path(),
                file.realPath(),
                known.flatMap(FileRecord::handle),
                bootId,
                // Of a file that carried a label of ours before its file system stopped storing them, that counts.
                known.filter(FileRecord::isLabelled).map(FileRecord::original).orElse(plan.original()),
                Optional.empty(),
                known.map(FileRecord::everApplied).orElse(Set.of()),
                plan.sharing());
        newFiles.add(record);
        return record.id();
    }

    private Optional<StoredLabel> labelOf(OpenedFile made) throws LinuxException {
        return applier.labels().get(made);
    }

    private static Optional<StoredLabel> beforeOf(PlannedFile plan) {
        return plan.facts().label() instanceof LabelState.Labelled(StoredLabel label)
                ? Optional.of(label)
                : Optional.empty();
    }

    private void label(PlannedFile plan, OpenedFile file, boolean made, Optional<StoredLabel> before)
            throws LinuxException {
        StoredLabel label = StoredLabel.of(plan.context().orElseThrow());
        targets.add(new KernelCheck.Target(
                file.path(), file.status().type(), plan.context().orElseThrow(), KernelCheck.Use.of(plan.sharing())));
        Optional<FileRecord> known = holdings.file(file.identity());
        boolean joins = known.isPresent() && !holdings.holders(known.get().id()).isEmpty();
        long id;
        if (joins) {
            id = known.get().id();
            steps.add(new PlanApplier.Step(file, label, before));
        } else {
            Optional<StoredLabel> original = made ? before : plan.original();
            FileRecord record = record(known, file, original, label, plan);
            newFiles.add(record);
            id = record.id();
            steps.add(new PlanApplier.Step(file, label, original));
        }
        holds.add(hold(OptionalLong.of(id), plan));
    }

    private FileRecord record(
            Optional<FileRecord> known,
            OpenedFile file,
            Optional<StoredLabel> original,
            StoredLabel label,
            PlannedFile plan)
            throws LinuxException {
        Set<StoredLabel> earlier = known.map(FileRecord::everApplied).orElse(Set.of());
        return new FileRecord(
                known.map(FileRecord::id).orElseGet(holdings::nextId),
                file.identity(),
                file.path(),
                file.realPath(),
                handles.of(file),
                bootId,
                original,
                Optional.of(label),
                earlier,
                plan.sharing());
    }

    private static FileHold hold(OptionalLong file, PlannedFile plan) {
        return new FileHold(
                file,
                plan.facts().path(),
                plan.treatment(),
                plan.reason(),
                plan.facts().uses());
    }

    /** Names that lead elsewhere by now: qemu would open what was not parsed. */
    private List<Problem> namesThatMoved() {
        List<Problem> problems = new ArrayList<>();
        for (PlanApplier.Step step : steps) {
            OpenedFile file = step.file();
            try {
                Optional<FileStatus> now = open.look(file.path());
                if (now.isEmpty() || !now.get().identity().equals(file.identity())) {
                    problems.add(new Problem(
                            Problem.Kind.CHANGED,
                            Optional.of(file.path()),
                            "another file took its place during the start; find out who did, and start again"
                                    + " (on overlayfs a first label copies the file up: start again)"));
                }
            } catch (LinuxException e) {
                problems.add(new Problem(
                        Problem.Kind.CHANGED,
                        Optional.of(file.path()),
                        "it cannot be looked at again (" + e.getMessage() + ")"));
            }
        }
        return problems;
    }

    private void removeCreated(List<Problem> problems) {
        for (OpenedFile made : created) {
            try {
                open.unlinkIfSame(made.path(), made.identity());
            } catch (LinuxException e) {
                problems.add(new Problem(
                        Problem.Kind.LABEL_NOT_SET,
                        Optional.of(made.path()),
                        "the empty file made for the VM cannot be removed (" + e.getMessage() + ")"));
            }
        }
    }

    private void closeCreated() {
        created.forEach(OpenedFile::close);
    }
}
