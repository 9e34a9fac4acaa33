package labeler.lifecycle.release;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import labeler.apply.Labels;
import labeler.apply.Reverter;
import labeler.fileset.FileUse;
import labeler.journal.DiskRecord;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.hold.HeldByOthers;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.Ledger;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.plan.Sharing;
import labeler.problem.Problem;
import labeler.selinux.StoredLabel;
import labeler.work.Asker;
import labeler.work.FileSystemWork;
import labeler.work.WhenLate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a VM that runs other holds on files that it has, and each file the label that all holds on it need. One failure
 * never stops the rest. A settlement that was interrupted is repaired by the next one. Its caller has the VM's claim,
 * and no lock.
 */
public final class HoldSettlement {
    private static final Logger LOG = LoggerFactory.getLogger(HoldSettlement.class);

    private final Ledger ledger;
    private final Release release;
    private final Reversions reversions;
    private final Reverter reverter;
    private final Labels labels;
    private final FileSystemWork work;

    @Inject
    HoldSettlement(
            Ledger ledger,
            Release release,
            Reversions reversions,
            Reverter reverter,
            Labels labels,
            FileSystemWork work) {
        this.ledger = ledger;
        this.release = release;
        this.reversions = reversions;
        this.reverter = reverter;
        this.labels = labels;
        this.work = work;
    }

    /**
     * Replaces the VM's holds. A file that nobody holds any more is given back first, so that the record of its hold
     * outlives its label. Every other label is changed after the record, so that a label on disk is always on record.
     *
     * @param wanted on files that the VM holds, for writing only where it may write already
     * @return the files whose labels changed, or could not be changed
     */
    public VmReport settle(VmRecord vm, List<FileHold> wanted) {
        Optional<Problem> refusal = refusal(vm, wanted);
        if (refusal.isPresent()) {
            return new VmReport(vm.name(), List.of(), List.of(refusal.get()), Optional.empty());
        }
        Set<Long> kept = Holdings.fileIds(wanted);
        List<FileHold> ending = vm.files().stream()
                .filter(hold ->
                        hold.file().isPresent() && !kept.contains(hold.file().getAsLong()))
                .toList();
        Release.Decision decision = ledger.lock().holding(() -> release.leaving(vm, ending));
        List<FileReport> reports = new ArrayList<>(decision.reports(
                reversions.revert(() -> ledger.others().leave(vm, decision.left()), decision.leaving())));
        List<Problem> problems = new ArrayList<>();
        List<FileRecord> staying = ledger.lock().holding(() -> record(vm, wanted, ending, problems));
        reports.addAll(sync(problems) ? label(staying) : List.of());
        return new VmReport(vm.name(), reports, problems, Optional.empty());
    }

    /**
     * Puts on record which of a VM's disks have joined. Without this on record a disk works; whose its device is, a detach
     * sees by its nodes then.
     *
     * @param known with the disks that have joined as such
     */
    public VmReport joined(VmRecord vm, List<DiskRecord> known) {
        VmRecord now = vm.having(disk -> known.contains(disk.joined()));
        List<Problem> problems = new ArrayList<>();
        ledger.lock().changing(() -> {
            try {
                for (DiskRecord disk : now.disks()) {
                    if (!vm.disks().contains(disk)) {
                        ledger.journal().recordJoined(vm.name(), disk);
                    }
                }
                ledger.holdings().put(now);
            } catch (JournalException e) {
                LOG.error("VM {}: that a disk has joined is not on record: {}", vm.name(), e.getMessage());
                problems.add(Problem.of(Problem.Kind.JOURNAL_FAILED, String.valueOf(e.getMessage())));
            }
        });
        return new VmReport(vm.name(), List.of(), problems, Optional.empty());
    }

    /**
     * Ends holds on files that the VM's manager has taken from it, and gives those files back that the VM holds no more. A
     * file that is not free, or that cannot be given back, keeps its hold. No other hold changes, and no other label.
     *
     * @param isFree called on a thread of the file systems, just before a label is written
     */
    public VmReport leave(VmRecord vm, List<FileHold> leaving, BiPredicate<FileRecord, OpenedFile> isFree) {
        List<FileHold> free = leaving.stream()
                .filter(hold -> ledger.lock().holding(() -> !isReverting(hold)))
                .toList();
        List<FileHold> rest = without(vm.files(), free);
        Optional<Problem> refusal = refusal(vm, rest);
        if (refusal.isPresent()) {
            return new VmReport(vm.name(), List.of(), List.of(refusal.get()), Optional.empty());
        }
        List<FileHold> last = last(free, rest);
        Release.Decision decision = ledger.lock().holding(() -> release.leaving(vm, last));
        Map<Long, FileReport> done = reversions.revert(
                decision.leaving(), (record, found) -> isFree.test(record, found) && hasLeft(vm, record));
        ledger.others().leave(vm, decision.handedOver());
        Set<Long> failed = decision.leaving().stream()
                .map(FileRecord::id)
                .filter(id -> Optional.ofNullable(done.get(id))
                        .filter(report -> report.outcome() != FileReport.Outcome.FAILED)
                        .isEmpty())
                .collect(Collectors.toSet());
        List<FileHold> ending = free.stream()
                .filter(hold ->
                        hold.file().isEmpty() || !failed.contains(hold.file().getAsLong()))
                .toList();
        List<Problem> problems = new ArrayList<>();
        ledger.lock().changing(() -> end(vm, without(vm.files(), ending), last(ending, rest), problems));
        return new VmReport(vm.name(), decision.reports(done), problems, Optional.empty());
    }

    private boolean hasLeft(VmRecord vm, FileRecord record) {
        ledger.others().leave(vm, List.of(record));
        return true;
    }

    private boolean isReverting(FileHold hold) {
        return hold.file().isPresent()
                && ledger.claims().isReverting(hold.file().getAsLong());
    }

    private static List<FileHold> without(List<FileHold> holds, List<FileHold> ending) {
        return holds.stream().filter(hold -> !ending.contains(hold)).toList();
    }

    /** Those on files on which no hold is left. */
    private static List<FileHold> last(List<FileHold> ending, List<FileHold> rest) {
        Set<Long> kept = Holdings.fileIds(rest);
        return ending.stream()
                .filter(hold ->
                        hold.file().isPresent() && !kept.contains(hold.file().getAsLong()))
                .toList();
    }

    /** Runs with the lock held. */
    private void end(VmRecord vm, List<FileHold> left, List<FileHold> ended, List<Problem> problems) {
        try {
            ledger.journal()
                    .recordHolds(vm.name(), left, List.of(), ledger.holdings().givenBack(ended));
            ledger.holdings().put(vm.holding(left));
        } catch (JournalException e) {
            // The journal still says that the VM holds them as before.
            ledger.holdings().put(vm);
            problems.add(Problem.of(
                    Problem.Kind.JOURNAL_FAILED, e.getMessage() + "; the VM keeps these files until its next change"));
        }
    }

    private Optional<Problem> refusal(VmRecord vm, List<FileHold> wanted) {
        if (vm.phase() != VmRecord.Phase.RUNNING) {
            return Optional.of(Problem.of(Problem.Kind.PROCESS_ENDED, "VM " + vm.name() + " does not run any more"));
        }
        Set<Long> held = Holdings.fileIds(vm.files());
        return wanted.stream()
                .filter(hold -> hold.file().isPresent())
                .filter(hold -> !held.contains(hold.file().getAsLong())
                        || isWider(vm, wanted, hold.file().getAsLong()))
                .findFirst()
                .map(hold -> Problem.of(
                        Problem.Kind.IN_USE,
                        hold.path(),
                        "VM " + vm.name() + " does not hold it in such a way; it has to be taken first"));
    }

    private static boolean isWider(VmRecord vm, List<FileHold> wanted, long file) {
        return Sharing.strongest(HeldByOthers.uses(wanted, file), false) == Sharing.EXCLUSIVE
                && Sharing.strongest(HeldByOthers.uses(vm.files(), file), false) != Sharing.EXCLUSIVE;
    }

    /** Puts the holds on record; answers the files that stay with the VM. Runs with the lock held. */
    private List<FileRecord> record(VmRecord vm, List<FileHold> wanted, List<FileHold> ending, List<Problem> problems) {
        VmRecord settled = vm.holding(wanted);
        List<FileRecord> staying = Holdings.fileIds(wanted).stream()
                .flatMap(id -> ledger.holdings().file(id).stream())
                .map(file -> asHeld(settled, file))
                .toList();
        List<FileRecord> changed = staying.stream()
                .filter(file -> !ledger.holdings().file(file.id()).equals(Optional.of(file)))
                .toList();
        if (wanted.equals(vm.files()) && changed.isEmpty()) {
            return staying;
        }
        try {
            ledger.journal()
                    .recordHolds(vm.name(), wanted, changed, ledger.holdings().givenBack(ending));
            changed.forEach(ledger.holdings()::put);
            ledger.holdings().put(settled);
            return staying;
        } catch (JournalException e) {
            // The journal still says that the VM holds them as before.
            ledger.holdings().put(vm);
            problems.add(Problem.of(
                    Problem.Kind.JOURNAL_FAILED, e.getMessage() + "; the VM keeps these files until its next change"));
            return List.of();
        }
    }

    /** @return whether the originals of all labels are on disk, so that labels may change */
    private boolean sync(List<Problem> problems) {
        try {
            ledger.journal().sync();
            return true;
        } catch (JournalException e) {
            problems.add(Problem.of(
                    Problem.Kind.JOURNAL_FAILED, e.getMessage() + "; labels stay as they are until the next change"));
            return false;
        }
    }

    /** The file's record with the label that the holds need. */
    private FileRecord asHeld(VmRecord vm, FileRecord file) {
        boolean isOfOthers = ledger.holdings().holders(file.id()).stream().anyMatch(other -> !other.equals(vm.name()));
        if (isOfOthers) {
            // They all hold it in one way, and this VM as well.
            return file;
        }
        List<FileUse> uses = HeldByOthers.uses(vm.files(), file.id());
        Sharing sharing = Sharing.strongest(uses, file.sharing() == Sharing.SHARED);
        if (file.applied().isEmpty()) {
            return file.sharing() == sharing ? file : file.sharedAs(sharing);
        }
        StoredLabel label = StoredLabel.of(vm.contexts().forSharing(sharing));
        boolean isSo = file.sharing() == sharing
                && file.applied().equals(Optional.of(label))
                && file.givenBackIn().isEmpty();
        return isSo ? file : file.labelledAnew(label, sharing);
    }

    /** Sets each label that is not as it is on record. */
    private List<FileReport> label(List<FileRecord> staying) {
        List<FileRecord> labelled =
                staying.stream().filter(file -> file.applied().isPresent()).toList();
        Map<FileRecord, FileSystemWork.Outcome<FileReport>> outcomes =
                work.each(labelled, FileRecord::realPath, WhenLate.END, this::label);
        return labelled.stream()
                .map(file -> Objects.requireNonNull(outcomes.get(file), () -> "nobody has looked at " + file.path())
                        .or(place -> failed(file, place.doesNotAnswer())))
                .filter(report -> report.outcome() != FileReport.Outcome.AS_EXPECTED)
                .collect(Collectors.toList());
    }

    private static FileReport failed(FileRecord file, String message) {
        return new FileReport(
                file.path(),
                FileReport.Outcome.FAILED,
                message + "; it is tried again with the next change, or run labeler relabel");
    }

    private FileReport label(FileRecord file, Asker asker) {
        return switch (reverter.find(file)) {
            case Reverter.Gone(String detail) -> new FileReport(file.path(), FileReport.Outcome.MISSING, detail);
            case Reverter.NotFound(String detail) -> new FileReport(file.path(), FileReport.Outcome.LOST, detail);
            case Reverter.Failed(String message) -> failed(file, message);
            case Reverter.Same(OpenedFile found) -> {
                try (found) {
                    yield label(file, found, asker);
                } catch (LinuxException e) {
                    yield failed(file, String.valueOf(e.getMessage()));
                }
            }
        };
    }

    private FileReport label(FileRecord file, OpenedFile found, Asker asker) throws LinuxException {
        Optional<StoredLabel> before = labels.get(found);
        String was = before.map(StoredLabel::printable).orElse("no label");
        if (before.equals(file.applied())) {
            return new FileReport(file.path(), FileReport.Outcome.AS_EXPECTED, was);
        }
        boolean isKnown = before.equals(file.original())
                || before.filter(label -> label.isFor(file.ours(ledger.bootId())))
                        .isPresent();
        if (!isKnown) {
            return new FileReport(
                    file.path(),
                    FileReport.Outcome.CHANGED_BY_OTHERS,
                    "somebody gave it " + was + ", which stays; set it again with labeler relabel");
        }
        Optional<String> notHeld = ledger.others().notHeld(found);
        if (notHeld.isPresent()) {
            return new FileReport(file.path(), FileReport.Outcome.FAILED, "keeps " + was + ": " + notHeld.get());
        }
        if (asker.hasGone()) {
            // The VM may have given the file back since: the original is its right label then.
            return failed(file, "its file system has answered too late");
        }
        labels.put(found, file.applied());
        return new FileReport(
                file.path(),
                FileReport.Outcome.RELABELLED,
                "had " + was + ", has "
                        + file.applied().map(StoredLabel::printable).orElse("no label"));
    }
}
