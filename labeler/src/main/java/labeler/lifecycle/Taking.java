package labeler.lifecycle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.apply.PlanApplier;
import labeler.descriptors.OpenMode;
import labeler.fileset.FileSet;
import labeler.fileset.VmFile;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.linux.FileHandles;
import labeler.linux.FileStatus;
import labeler.linux.FileSystems;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.plan.LabelState;
import labeler.plan.PlannedFile;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.selinux.StoredLabel;
import labeler.vm.qemu.DescriptorSet;

/**
 * Takes files for a VM: makes what is missing, says what to put on record, labels, looks again. Its caller has the lock, and
 * writes the journal in between.
 */
final class Taking {
    /** Only the VM's owner reads and writes what is made for it. */
    static final int CREATED_MODE = 0600;

    private final Holdings holdings;
    private final PlanApplier applier;
    private final SafeOpen open;
    private final FileHandles handles;
    private final FileSystems fileSystems;
    private final KernelCheck kernel;
    private final String bootId;
    private final Optional<String> disk;

    private final Map<HostPath, List<OpenMode>> handed = new HashMap<>();
    private final List<OpenedFile> created = new ArrayList<>();
    private final List<PlanApplier.Step> steps = new ArrayList<>();
    private final List<FileRecord> newFiles = new ArrayList<>();
    private final List<FileHold> holds = new ArrayList<>();
    private final List<KernelCheck.Target> targets = new ArrayList<>();

    /**
     * One taking.
     *
     * @param disk with which the files join; empty for those of a start
     */
    Taking(
            Holdings holdings,
            PlanApplier applier,
            Linux linux,
            KernelCheck kernel,
            String bootId,
            Optional<String> disk) {
        this.holdings = holdings;
        this.applier = applier;
        this.open = linux.open();
        this.handles = linux.handles();
        this.fileSystems = linux.fileSystems();
        this.kernel = kernel;
        this.bootId = bootId;
        this.disk = disk;
    }

    List<FileHold> holds() {
        return List.copyOf(holds);
    }

    /** Files that were not there. */
    List<Outputs.NewFile> made() {
        return created.stream().map(Outputs.NewFile::of).toList();
    }

    /** Files that nobody else holds. */
    List<FileRecord> newFiles() {
        return List.copyOf(newFiles);
    }

    /** Sets the labels, and looks again whether each name still leads to what was labelled, and what the kernel says. */
    List<Problem> label(VmRecord vm) {
        List<Problem> problems = applier.apply(steps);
        if (problems.isEmpty()) {
            problems = namesThatMoved();
        }
        if (problems.isEmpty()) {
            problems = new ArrayList<>(kernel.ownFiles(vm.contexts().process(), targets));
            problems.addAll(kernel.someOthers(vm, holdings.vms()));
        }
        return problems;
    }

    /** Sets what was there before, and removes what was made. */
    void takeBack(List<Problem> problems) {
        List<Problem> failures = applier.takeBack(steps);
        problems.addAll(failures);
        if (failures.isEmpty()) {
            newFiles.stream()
                    .map(FileRecord::id)
                    .filter(id -> holdings.holders(id).size() == 1)
                    .forEach(holdings::giveBack);
        }
        removeCreated(problems);
    }

    /**
     * Nothing is changed but that missing files are made.
     *
     * @param sets what is to be handed over
     */
    List<Problem> collect(
            StartRequest.Owner owner, FileSet files, List<PlannedFile> planned, List<DescriptorSet> sets) {
        handed.putAll(Handing.modes(files, sets));
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
            } else if (owner.uid() != 0) {
                return new ArrayList<>(List.of(new Problem(
                        Problem.Kind.MISSING,
                        Optional.of(file.path()),
                        "it is not there, and the service makes files for root alone; make it first")));
            } else {
                try {
                    OpenedFile made = open.create(file.path(), CREATED_MODE, owner.uid(), owner.gid());
                    created.add(made);
                    label(plan, made, true, labelOf(made));
                } catch (LinuxException e) {
                    return new ArrayList<>(List.of(notMade(file.path(), e)));
                }
            }
        }
        return new ArrayList<>();
    }

    static Problem notMade(HostPath path, LinuxException e) {
        return new Problem(
                Problem.Kind.MISSING, Optional.of(path), "it is not there and cannot be made (" + e.getMessage() + ")");
    }

    static Problem notRemoved(HostPath path, LinuxException e) {
        return new Problem(
                Problem.Kind.LABEL_NOT_SET,
                Optional.of(path),
                "the empty file made for the VM cannot be removed (" + e.getMessage() + ")");
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
        Optional<FileRecord> before = known.or(() -> holdings.kin(file.identity()));
        FileRecord record = new FileRecord(
                known.map(FileRecord::id).orElseGet(holdings::nextId),
                file.identity(),
                known.map(FileRecord::fileSystem).orElse(OptionalLong.empty()),
                file.path(),
                file.realPath(),
                known.flatMap(FileRecord::handle),
                bootId,
                // Of a file that carried a label of ours before its file system stopped storing them, that counts.
                before.filter(FileRecord::isLabelled).map(FileRecord::original).orElse(plan.original()),
                Optional.empty(),
                before.map(FileRecord::everApplied).orElse(Set.of()),
                plan.sharing(),
                Optional.empty());
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
            if (!known.get().applied().equals(Optional.of(label))
                    || known.get().givenBackIn().isPresent()) {
                // The contexts of this service are not those of the one that the first holder started under, or that
                // holder is stopped, and its process has not ended yet.
                newFiles.add(known.get().labelledAnew(label));
            }
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
        Set<StoredLabel> earlier = known.or(() -> holdings.kin(file.identity()))
                .map(FileRecord::everApplied)
                .orElse(Set.of());
        return new FileRecord(
                known.map(FileRecord::id).orElseGet(holdings::nextId),
                file.identity(),
                fileSystems.status(file).id(),
                file.path(),
                file.realPath(),
                handles.of(file),
                bootId,
                original,
                Optional.of(label),
                earlier,
                plan.sharing(),
                Optional.empty());
    }

    private FileHold hold(OptionalLong file, PlannedFile plan) {
        return new FileHold(
                file,
                plan.facts().path(),
                plan.treatment(),
                plan.reason(),
                plan.facts().uses(),
                disk,
                handed.getOrDefault(plan.facts().path(), List.of()));
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

    void removeCreated(List<Problem> problems) {
        for (OpenedFile made : created) {
            try {
                open.unlinkIfSame(made.path(), made.identity());
            } catch (LinuxException e) {
                problems.add(notRemoved(made.path(), e));
            }
        }
    }

    void closeCreated() {
        created.forEach(OpenedFile::close);
    }
}
