package labeler.lifecycle.acquisition;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;
import labeler.apply.MovedNames;
import labeler.apply.PlanApplier;
import labeler.fileset.FileSet;
import labeler.fileset.VmFile;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.HoldTrigger;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.lifecycle.confinement.KernelCheck;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.OtherHosts;
import labeler.lifecycle.plan.DescriptorHandover;
import labeler.lifecycle.release.Release;
import labeler.linux.FileHandle;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.openfiles.OpenMode;
import labeler.plan.Plan;
import labeler.plan.PlannedFile;
import labeler.problem.Problem;
import labeler.selinux.StoredLabel;
import labeler.vm.qemu.handover.DescriptorSet;

/**
 * Takes files for a VM in three steps. It looks at them; then, with the lock held, it says what to put on record; and
 * then, without the lock, it labels them and looks again.
 */
public final class FileAcquisition {
    /** Only the VM's owner reads and writes files made for the VM. */
    static final int CREATED_MODE = 0600;

    private final Ledger ledger;
    private final PlanApplier applier;
    private final Linux linux;
    private final KernelCheck kernel;
    private final SeenLabels seen;
    private final HoldTrigger trigger;
    private final Set<HostPath> made;
    private final NearbyTrees nearby;
    private final OtherHosts.Share share;

    private final Map<HostPath, List<OpenMode>> handed = new HashMap<>();
    private final Map<HostPath, Trail> found = new HashMap<>();
    private final Map<HostPath, LinuxException> notFound = new HashMap<>();
    private final SequencedMap<OpenedFile, StoredLabel> labels = new LinkedHashMap<>();
    private final OwnDescriptors opened;
    private final Map<Long, FileStatus> nodes = new HashMap<>();
    private final List<FileRecord> newFiles = new ArrayList<>();
    private final List<FileHold> holds = new ArrayList<>();
    private final List<KernelCheck.Target> targets = new ArrayList<>();
    private Optional<VmRecord> taken = Optional.empty();
    private Optional<Claims.Claim> claim = Optional.empty();

    private FileAcquisition(Factory factory, HoldTrigger trigger, Set<HostPath> made, OtherHosts.Share share) {
        this.share = share;
        this.ledger = factory.ledger;
        this.applier = factory.applier;
        this.opened = new OwnDescriptors(ledger, applier);
        this.linux = factory.linux;
        this.kernel = factory.kernel;
        this.seen = new SeenLabels(factory.originals, trigger);
        this.trigger = trigger;
        this.made = Set.copyOf(made);
        this.nearby = new NearbyTrees(ledger.holdings());
    }

    /** One acquisition for each start, each attach and each command. */
    public record Factory(Ledger ledger, PlanApplier applier, Linux linux, KernelCheck kernel, Originals originals) {
        @Inject
        public Factory {}

        /**
         * Finds how each file can be recognised later. Runs without the lock.
         *
         * @param trigger the end of the holds
         * @param made files that did not exist
         * @param share what other hosts have granted
         */
        public FileAcquisition look(FileSet files, HoldTrigger trigger, Set<HostPath> made, OtherHosts.Share share) {
            FileAcquisition acquisition = new FileAcquisition(this, trigger, made, share);
            acquisition.look(files);
            return acquisition;
        }
    }

    private void look(FileSet files) {
        nearby.look(files, linux);
        ledger.holdings().nodes().look(ledger.holdings(), files, linux.open()::reach);
        for (VmFile file : files.files()) {
            if (file.file().isPresent() && file.leaveReason().isEmpty()) {
                try {
                    found.put(file.path(), trail(file.file().get()));
                    seen.look(file.path(), file.file().get());
                } catch (LinuxException e) {
                    notFound.put(file.path(), e);
                }
            }
        }
    }

    /** The facts by which a file is recognised. */
    private record Trail(OptionalLong fileSystem, Optional<FileHandle> handle) {
        static final Trail NONE = new Trail(OptionalLong.empty(), Optional.empty());
    }

    private Trail trail(OpenedFile file) throws LinuxException {
        return new Trail(linux.fileSystems().status(file).id(), linux.handles().of(file));
    }

    /** The user of the files: a start, a disk, a command. It runs with the lock held, where nothing else is said. */
    public interface Taker {
        /** Writes the files into the journal; answers the VM that has them now. */
        VmRecord record(List<FileHold> holds, List<FileRecord> newFiles) throws JournalException;

        /** Whether the service labels the files, or keeps only the record because their manager labels them. */
        default boolean labels() {
            return true;
        }

        /** Makes other needed things before the labels, or says why it cannot. Runs without the lock. */
        default Optional<Problem> prepare(VmRecord vm) {
            return Optional.empty();
        }

        /** The operation failed: removes what {@link #prepare} made, while nobody else has the VM's name. No lock. */
        default void discard(VmRecord vm) {}

        /** The labels are set. */
        default void finish(VmRecord vm) throws JournalException {}

        /** The operation failed: the files that go back. */
        Release.Decision leave(VmRecord vm);

        /** The files have gone back. */
        void end(VmRecord vm, List<Problem> problems);
    }

    /**
     * Puts the VM on record. Runs with the lock held. Empty if the VM is on record with the files and this thread works
     * on it. Otherwise the answer says why not, and nothing has changed.
     *
     * @param sets the descriptors that are to be handed over
     */
    public List<Problem> record(Taker taker, Claims.Doing doing, FileSet files, Plan plan, List<DescriptorSet> sets) {
        List<Problem> problems = nearby.problems();
        if (problems.isEmpty()) {
            problems = collect(files, plan.files(), sets);
        }
        if (!problems.isEmpty()) {
            return problems;
        }
        try {
            VmRecord vm = taker.record(List.copyOf(holds), List.copyOf(newFiles));
            nodes.forEach(ledger.holdings().nodes()::learn);
            newFiles.forEach(ledger.holdings()::put);
            ledger.holdings().put(vm);
            claim = Optional.of(ledger.claims().take(vm.name(), doing));
            taken = Optional.of(vm);
            return List.of();
        } catch (JournalException e) {
            return List.of(failed(e));
        }
    }

    /** Labels the files, without the lock. Empty on success; else the reason, and all is as before. Frees the VM. */
    public List<Problem> label(Taker taker) {
        VmRecord vm = taken();
        List<Problem> problems = new ArrayList<>();
        boolean held = false;
        try {
            sync().or(this::tellOriginals).or(() -> taker.prepare(vm)).ifPresent(problems::add);
            if (problems.isEmpty()) {
                problems.addAll(taker.labels() ? label(vm) : List.of());
            }
            if (problems.isEmpty()) {
                ledger.lock().changing(() -> finish(taker, vm, problems));
            }
            held = problems.isEmpty();
            return problems;
        } finally {
            // Also after an unforeseen exception: a VM that did not start may not stay half labelled.
            try {
                if (!held) {
                    takeBack(taker, vm, problems);
                }
            } finally {
                claim.ifPresent(ledger.claims()::free);
            }
        }
    }

    /** The VM that was put on record. */
    public VmRecord taken() {
        return taken.orElseThrow();
    }

    /** The holds that were put on record. */
    List<FileHold> holds() {
        return List.copyOf(holds);
    }

    /** Also if this VM has no new file: another VM may be about to record one that it joins. */
    private Optional<Problem> sync() {
        try {
            ledger.journal().sync();
            return Optional.empty();
        } catch (JournalException e) {
            return Optional.of(failed(e));
        }
    }

    /** Other hosts must know what a file goes back to before it has another label. */
    private Optional<Problem> tellOriginals() {
        Map<FileIdentity, Optional<StoredLabel>> originals = new HashMap<>();
        newFiles.forEach(file -> originals.put(file.identity(), file.original()));
        return share.record(originals);
    }

    private static void finish(Taker taker, VmRecord vm, List<Problem> problems) {
        try {
            taker.finish(vm);
        } catch (JournalException e) {
            problems.add(failed(e));
        }
    }

    private static Problem failed(JournalException e) {
        return Problem.of(Problem.Kind.JOURNAL_FAILED, String.valueOf(e.getMessage()));
    }

    /** Sets the labels, checks again where each name leads, and asks the kernel. A mere record needs none of it. */
    private List<Problem> label(VmRecord vm) {
        List<Problem> problems = applier.apply(labels);
        if (problems.isEmpty()) {
            problems = MovedNames.among(labels.keySet(), linux.open());
        }
        if (problems.isEmpty()) {
            problems = new ArrayList<>(kernel.ownFiles(vm.contexts().process(), targets));
            problems.addAll(kernel.someOthers(
                    vm, ledger.holdings().vms(), ledger.holdings().nodes().kinds(ledger.holdings())));
        }
        return problems;
    }

    /** If the journal cannot be written, the VM stays on record until a recovery finds it. */
    private void takeBack(Taker taker, VmRecord vm, List<Problem> problems) {
        Release.Decision decision = ledger.lock().holding(() -> taker.leave(vm));
        try {
            share.giveBack();
            taker.discard(vm);
        } finally {
            // Each file is marked, and nobody but this thread unmarks it.
            try {
                opened.takeBack(decision.leaving(), problems);
            } finally {
                ledger.lock().changing(() -> taker.end(vm, problems));
            }
        }
    }

    /** Collects the records to write. Changes nothing; every file exists. */
    private List<Problem> collect(FileSet files, List<PlannedFile> planned, List<DescriptorSet> sets) {
        handed.putAll(DescriptorHandover.modes(files, sets));
        for (PlannedFile plan : planned) {
            Optional<OpenedFile> file = plan.file().file();
            if (file.isEmpty()) {
                holds.add(hold(OptionalLong.empty(), plan));
                continue;
            }
            switch (plan.treatment()) {
                case PASS -> {
                    long id = passed(plan, file.get());
                    nodes.put(id, file.get().status());
                    holds.add(hold(OptionalLong.of(id), plan));
                }
                case LEAVE, REFUSE -> holds.add(hold(OptionalLong.empty(), plan));
                case LABEL -> {
                    LinuxException failure = notFound.get(plan.path());
                    if (failure != null) {
                        return List.of(Problem.of(
                                Problem.Kind.UNREADABLE,
                                plan.path(),
                                "it could not be found again after a rename (" + failure.getMessage() + ")"));
                    }
                    label(plan, file.get());
                }
            }
        }
        return List.of();
    }

    /** On record like any other file, so that it has one writer; but it has no label of ours. */
    private long passed(PlannedFile plan, OpenedFile file) {
        plan.label()
                .context()
                .ifPresent(context -> targets.add(new KernelCheck.Target(
                        file.path(), file.status().type(), context, KernelCheck.Use.ofPassed(plan.sharing()))));
        Optional<FileRecord> known = ledger.holdings().file(file.identity());
        if (known.isPresent() && !ledger.holdings().holders(known.get().id()).isEmpty()) {
            if (known.get().sharing() != plan.sharing()) {
                // A VM that has it, and will use it in another way as well.
                newFiles.add(known.get().sharedAs(plan.sharing()));
            }
            return known.get().id();
        }
        Optional<FileRecord> before = known.or(() -> ledger.holdings().kin(file.identity()));
        FileRecord record = new FileRecord(
                known.map(FileRecord::id).orElseGet(ledger.holdings()::nextId),
                file.identity(),
                known.map(FileRecord::fileSystem).orElse(OptionalLong.empty()),
                file.path(),
                file.realPath(),
                known.flatMap(FileRecord::handle),
                ledger.bootId(),
                // If the file had our label before its file system stopped storing labels, the recorded one counts.
                before.filter(FileRecord::isLabelled).map(FileRecord::original).orElse(plan.original()),
                Optional.empty(),
                before.map(FileRecord::everApplied).orElse(Set.of()),
                plan.sharing(),
                Optional.empty());
        newFiles.add(record);
        return record.id();
    }

    private void label(PlannedFile plan, OpenedFile file) {
        Holdings holdings = ledger.holdings();
        StoredLabel label = StoredLabel.of(plan.context().orElseThrow());
        targets.add(new KernelCheck.Target(
                file.path(), file.status().type(), plan.context().orElseThrow(), KernelCheck.Use.of(plan.sharing())));
        Optional<FileRecord> known = holdings.file(file.identity());
        FileRecord record;
        if (known.isEmpty() || holdings.holders(known.get().id()).isEmpty()) {
            record = record(known, file, label, plan);
            newFiles.add(record);
        } else {
            record = known.get();
            if (!record.applied().equals(Optional.of(label))
                    || record.sharing() != plan.sharing()
                    || record.givenBackIn().isPresent()) {
                // There are three cases. The first holder was started under a service with other contexts. The holder
                // is stopped and its process has not ended yet. Or a VM that has it will use it in another way as well.
                newFiles.add(record.labelledAnew(label, plan.sharing()));
            }
        }
        labels.put(file, label);
        opened.put(record, file);
        nodes.put(record.id(), file.status());
        holds.add(hold(OptionalLong.of(record.id()), plan));
    }

    private FileRecord record(Optional<FileRecord> known, OpenedFile file, StoredLabel label, PlannedFile plan) {
        Trail trail = found.getOrDefault(plan.path(), Trail.NONE);
        return new FileRecord(
                known.map(FileRecord::id).orElseGet(ledger.holdings()::nextId),
                file.identity(),
                trail.fileSystem(),
                file.path(),
                file.realPath(),
                trail.handle(),
                ledger.bootId(),
                seen.original(known, plan),
                Optional.of(label),
                seen.earlier(known.or(() -> ledger.holdings().kin(file.identity())), plan),
                plan.sharing(),
                Optional.empty());
    }

    private FileHold hold(OptionalLong file, PlannedFile plan) {
        return new FileHold(
                file,
                plan.path(),
                plan.treatment(),
                plan.reason(),
                plan.file().uses(),
                trigger,
                handed.getOrDefault(plan.path(), List.of()),
                made.contains(plan.path()));
    }
}
