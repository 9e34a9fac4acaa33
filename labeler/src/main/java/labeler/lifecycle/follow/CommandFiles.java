package labeler.lifecycle.follow;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.HoldTrigger;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.acquisition.FileAcquisition;
import labeler.lifecycle.acquisition.FileJoin;
import labeler.lifecycle.acquisition.JoiningFiles;
import labeler.lifecycle.hold.HeldByOthers;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.release.Release;
import labeler.linux.HostPath;
import labeler.plan.HeldFiles;
import labeler.problem.Problem;
import labeler.vm.ImageChain;
import labeler.vm.VmName;

/**
 * The files of one command that join a VM.
 *
 * @param back takes these holds off the VM again
 */
record CommandFiles(Ledger ledger, VmRun run, WantedFiles wanted, Back back) implements FileJoin {
    /** The way back. */
    @FunctionalInterface
    interface Back {
        List<Problem> give(List<FileHold> holds);
    }

    @Override
    public VmName vm() {
        return run.name();
    }

    @Override
    public HoldTrigger trigger() {
        return wanted.trigger();
    }

    @Override
    public int asker() {
        return wanted.asker();
    }

    @Override
    public Optional<StartRequest.Owner> owner() {
        return Optional.of(wanted.owner());
    }

    @Override
    public HeldFiles held(Holdings holdings) {
        return new HeldByOthers(holdings, vm());
    }

    @Override
    public Optional<Problem> obstacle(VmRecord now) {
        boolean isStillIt = ledger.holdings().run(vm()) == run.number();
        return isStillIt && now.phase() == VmRecord.Phase.RUNNING
                ? Optional.empty()
                : Optional.of(Problem.of(Problem.Kind.PROCESS_ENDED, "VM " + vm() + " does not run, or was stopped"));
    }

    @Override
    public JoiningFiles.Rewriting rewrite(List<ImageChain> chains, Predicate<HostPath> handed) {
        return wanted.rewriting().rewrite(chains, handed);
    }

    @Override
    public FileAcquisition.Taker taker(VmRecord now) {
        return new Taker(ledger, now);
    }

    @Override
    public List<Problem> giveBack(VmRecord joined, List<FileHold> holds) {
        return back.give(holds);
    }

    @Override
    public List<Problem> mend(VmRecord joined, List<FileHold> holds) {
        return giveBack(joined, holds);
    }

    /** A failed command leaves by its way back, since a file that stays with the VM may get another label. */
    record Taker(Ledger ledger, VmRecord before) implements FileAcquisition.Taker {
        @Override
        public VmRecord record(List<FileHold> holds, List<FileRecord> newFiles) throws JournalException {
            List<FileHold> all = new ArrayList<>(before.files());
            all.addAll(holds);
            ledger.journal().recordHolds(before.name(), all, newFiles, List.of());
            return before.holding(all);
        }

        @Override
        public Release.Decision leave(VmRecord vm) {
            return Release.Decision.none();
        }

        @Override
        public void end(VmRecord vm, List<Problem> problems) {}
    }
}
