package labeler.lifecycle.release;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import labeler.journal.DiskRecord;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.HoldTrigger;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.Ledger;
import labeler.linux.ProcessIdentity;
import labeler.problem.Problem;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/**
 * Ends a VM's hold on its files. One failure never stops the rest. Its caller has the VM's claim, and no lock. The
 * files that go back are chosen at one moment; each goes back after it.
 */
public final class Release {
    private static final String OTHERS_HOLD_IT = "other VMs hold it; the last one gives it back";

    private final Ledger ledger;
    private final Reversions reversions;

    @Inject
    Release(Ledger ledger, Reversions reversions) {
        this.ledger = ledger;
        this.reversions = reversions;
    }

    private enum Mode {
        /** Only reports the possible result. */
        LOOK,
        /** The labels go back, and the hold stays. */
        GIVE_BACK,
        /** The hold ends. */
        LEAVE
    }

    /** The file of one hold: it goes back, or it stays for this reason. */
    private record Part(Optional<FileRecord> leaving, Optional<FileReport> staying) {}

    /**
     * The decision about a VM's files.
     *
     * @param handedOver files without a label that nobody else holds: only other hosts have to be told
     */
    public record Decision(List<Part> parts, List<FileRecord> handedOver) {
        /** The files that go back. They are marked, unless nothing is to be done. */
        public List<FileRecord> leaving() {
            return parts.stream().flatMap(part -> part.leaving().stream()).toList();
        }

        /** Nothing goes back. */
        public static Decision none() {
            return new Decision(List.of(), List.of());
        }

        /** All files that nobody of this host holds after it. */
        List<FileRecord> left() {
            return Stream.concat(leaving().stream(), handedOver.stream()).toList();
        }

        List<FileReport> reports(Map<Long, FileReport> done) {
            return parts.stream()
                    .map(part -> part.staying()
                            .orElseGet(
                                    () -> done.get(part.leaving().orElseThrow().id())))
                    .toList();
        }
    }

    /**
     * Gives the labels back and ends the hold.
     *
     * @param seen numbers of files that were seen without the VM's pair, so that they need not be known as having it
     */
    public VmReport release(VmRecord vm, Set<Long> seen) {
        List<Problem> problems = new ArrayList<>();
        Decision decision = ledger.lock().holding(() -> {
            stopping(vm, problems);
            expectOwnPair(vm, file -> isAlone(vm.name(), file) || !seen.contains(file.id()));
            return decide(vm.name(), vm.files(), Set.of(), Mode.LEAVE);
        });
        List<FileReport> reports =
                decision.reports(reversions.revert(() -> ledger.others().leave(vm), decision.leaving()));
        ledger.lock().changing(() -> end(vm, problems));
        ledger.others().ended(vm);
        return new VmReport(vm.name(), reports, problems, Optional.empty());
    }

    /** The files of a VM that goes; the caller gives their labels back. Runs with the lock held. */
    public Decision leave(VmRecord vm) {
        return decide(vm.name(), vm.files(), Set.of(), Mode.LEAVE);
    }

    /** The files of a disk that goes; the caller gives their labels back. Runs with the lock held. */
    public Decision leaving(VmRecord vm, DiskRecord disk) {
        return decide(
                vm.name(), holds(vm, disk), Holdings.fileIds(vm.without(disk).files()), Mode.LEAVE);
    }

    /** The files of these holds that go; none of them is kept by another. Runs with the lock held. */
    Decision leaving(VmRecord vm, List<FileHold> ending) {
        return decide(vm.name(), ending, Set.of(), Mode.LEAVE);
    }

    private static List<FileHold> holds(VmRecord vm, DiskRecord disk) {
        return vm.files().stream().filter(hold -> hold.isOf(disk)).toList();
    }

    /**
     * Takes the disk off the record. Runs with the lock held.
     *
     * @param wayOut the advice if the journal cannot be written
     */
    public void end(VmRecord vm, DiskRecord disk, String wayOut, List<Problem> problems) {
        try {
            ledger.journal().recordLeave(vm.name(), disk, ledger.holdings().givenBack(holds(vm, disk)));
            ledger.holdings().put(vm.without(disk));
        } catch (JournalException e) {
            ledger.holdings().put(vm);
            problems.add(Problem.of(Problem.Kind.JOURNAL_FAILED, e.getMessage() + wayOut));
        }
    }

    /** Takes the VM off the record. Runs with the lock held. */
    public void end(VmRecord vm, List<Problem> problems) {
        try {
            ledger.journal().recordEnd(vm.name(), ledger.holdings().givenBack(vm.files()));
            ledger.holdings().remove(vm.name());
        } catch (JournalException e) {
            // The journal still says that the VM holds them.
            ledger.holdings().vm(vm.name()).ifPresent(ledger.holdings()::put);
            problems.add(journalFailed(e));
        }
    }

    /** Gives the labels back, and keeps the hold while the VM's process lives. */
    public VmReport giveBack(VmRecord vm) {
        List<Problem> problems = new ArrayList<>();
        Decision decision = ledger.lock().holding(() -> {
            stopping(vm, problems);
            expectOwnPair(vm, file -> isAlone(vm.name(), file));
            return decide(vm.name(), vm.files(), Set.of(), Mode.GIVE_BACK);
        });
        List<FileReport> reports = decision.reports(reversions.revert(decision.leaving()));
        return new VmReport(vm.name(), reports, problems, vm.process().map(ProcessIdentity::pid));
    }

    /**
     * Whatever has the VM's own pair was labelled for the VM. So the pair is known with each file that the VM leaves until its
     * original is certainly on disk, and no other VM has it before that. Runs with the lock held.
     */
    private void expectOwnPair(VmRecord vm, Predicate<FileRecord> which) {
        for (long id : Holdings.fileIds(vm.files())) {
            ledger.holdings()
                    .file(id)
                    .filter(file -> file.isLabelled() && which.test(file))
                    .ifPresent(file -> {
                        FileRecord left = leftBy(vm, file);
                        if (!left.equals(file)) {
                            ledger.holdings().put(left);
                        }
                    });
        }
    }

    private static FileRecord leftBy(VmRecord vm, FileRecord file) {
        return file.leftWith(StoredLabel.of(vm.contexts().image()));
    }

    private void stopping(VmRecord vm, List<Problem> problems) {
        try {
            ledger.journal().recordPhase(vm.name(), VmRecord.Phase.STOPPING);
        } catch (JournalException e) {
            // The labels go back all the same: a recovery that finds the VM on record will find them reverted.
            problems.add(journalFailed(e));
        }
        ledger.holdings().put(vm.with(VmRecord.Phase.STOPPING));
    }

    /** The possible result of a release. */
    public VmReport look(VmRecord vm) {
        Decision decision = ledger.lock().holding(() -> decide(vm.name(), vm.files(), Set.of(), Mode.LOOK));
        List<FileRecord> leaving =
                decision.leaving().stream().map(file -> leftBy(vm, file)).toList();
        return new VmReport(vm.name(), decision.reports(reversions.look(leaving)), List.of(), Optional.empty());
    }

    /**
     * Gives back the files that joined with a disk and that nothing else of the VM uses, and ends those holds. The
     * labels of a stopped VM are already back.
     */
    public VmReport leave(VmRecord vm, DiskRecord disk) {
        List<Problem> problems = new ArrayList<>();
        Decision decision = ledger.lock().holding(() -> leaving(vm, disk));
        List<FileReport> reports = decision.reports(
                reversions.revert(() -> ledger.others().leave(vm, decision.left()), decision.leaving()));
        ledger.lock().changing(() -> end(vm, disk, "; then detach the disk again", problems));
        return new VmReport(vm.name(), reports, problems, Optional.empty());
    }

    /**
     * The fate of the files that a VM's nodes had, and that its guard has given back meanwhile.
     *
     * @param had the VM as it was with the disk
     */
    public List<FileReport> gone(VmRecord had, VmRecord now, DiskRecord disk) {
        Set<Long> held = Holdings.fileIds(now.files());
        List<FileRecord> gone = Holdings.fileIds(had.files().stream()
                        .filter(hold -> hold.isOf(disk) || isOfNode(hold.trigger()))
                        .toList())
                .stream()
                .filter(id -> !held.contains(id))
                .flatMap(id -> ledger.holdings().file(id).stream())
                .filter(FileRecord::isLabelled)
                .toList();
        Map<Long, FileReport> found = reversions.look(gone);
        return gone.stream()
                .map(file -> reportOf(file, Optional.ofNullable(found.get(file.id()))))
                .toList();
    }

    /** Whether a node's end ends the hold. */
    private static boolean isOfNode(HoldTrigger trigger) {
        return switch (trigger) {
            case HoldTrigger.Graph _, HoldTrigger.Node _ -> true;
            case HoldTrigger.Start _,
                    HoldTrigger.Disk _,
                    HoldTrigger.Command _,
                    HoldTrigger.Job _,
                    HoldTrigger.QemuObject _,
                    HoldTrigger.CharacterDevice _,
                    HoldTrigger.Migration _,
                    HoldTrigger.Dump _,
                    HoldTrigger.LiveDefinition _,
                    HoldTrigger.Settling _ -> false;
        };
    }

    /** A label that would go back is not back before the file says so. */
    private FileReport reportOf(FileRecord file, Optional<FileReport> found) {
        if (!ledger.holdings().holders(file.id()).isEmpty()) {
            return new FileReport(file.path(), FileReport.Outcome.STILL_HELD, OTHERS_HOLD_IT);
        }
        boolean isBack = file.givenBackIn().equals(Optional.of(ledger.bootId()));
        return found.filter(report -> isBack || report.outcome() != FileReport.Outcome.REVERTED)
                .orElseGet(() -> new FileReport(
                        file.path(),
                        FileReport.Outcome.FAILED,
                        "its label is not back yet; it will be tried again, or run labeler recover"));
    }

    /** @param kept files that the VM goes on using */
    private Decision decide(VmName vm, List<FileHold> holds, Set<Long> kept, Mode mode) {
        List<Part> parts = new ArrayList<>();
        List<FileRecord> handedOver = new ArrayList<>();
        Set<Long> seen = new HashSet<>();
        for (FileHold hold : holds) {
            OptionalLong id = hold.file();
            if (id.isPresent() && seen.add(id.getAsLong())) {
                Optional<FileRecord> file = ledger.holdings().file(id.getAsLong());
                file.filter(FileRecord::isLabelled).ifPresent(one -> parts.add(decide(vm, hold, one, kept, mode)));
                file.filter(one -> !one.isLabelled() && !kept.contains(one.id()) && isAlone(vm, one))
                        .ifPresent(handedOver::add);
            }
        }
        return new Decision(List.copyOf(parts), List.copyOf(handedOver));
    }

    private boolean isAlone(VmName vm, FileRecord file) {
        return Set.of(vm).containsAll(ledger.holdings().holders(file.id()));
    }

    private Part decide(VmName vm, FileHold hold, FileRecord file, Set<Long> kept, Mode mode) {
        long id = file.id();
        if (kept.contains(id)) {
            return staying(hold, FileReport.Outcome.STILL_HELD, "the VM itself goes on using it");
        }
        Set<VmName> others = new HashSet<>(ledger.holdings().holders(id));
        others.remove(vm);
        if (!others.isEmpty()) {
            if (mode == Mode.LEAVE) {
                // At once: if two leave at the same time, the second one is the last.
                ledger.holdings().leave(vm, id);
            }
            return staying(hold, FileReport.Outcome.STILL_HELD, OTHERS_HOLD_IT);
        }
        if (ledger.claims().isReverting(id)) {
            return staying(hold, FileReport.Outcome.FAILED, ledger.claims().revertingWords(id));
        }
        if (mode != Mode.LOOK) {
            ledger.claims().revert(Set.of(id));
        }
        return new Part(Optional.of(file), Optional.empty());
    }

    private static Part staying(FileHold hold, FileReport.Outcome outcome, String message) {
        return new Part(Optional.empty(), Optional.of(new FileReport(hold.path(), outcome, message)));
    }

    private static Problem journalFailed(JournalException e) {
        return Problem.of(Problem.Kind.JOURNAL_FAILED, e.getMessage() + "; then run labeler recover");
    }
}
