package labeler.lifecycle.follow;

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
import labeler.vm.VmDefinition;
import labeler.vm.VmName;

/** Files that the manager of a running VM has given to it already: they go on record, however late that is. */
record LiveFilesJoining(Ledger ledger, Sighting seen, VmDefinition chains, CommandFiles.Back back) implements FileJoin {
    private static final int ROOT = 0;

    @Override
    public VmName vm() {
        return seen.name();
    }

    @Override
    public HoldTrigger trigger() {
        return new HoldTrigger.LiveDefinition();
    }

    @Override
    public int asker() {
        return ROOT;
    }

    /** The service makes none for a VM that runs: qemu's user could not open it. */
    @Override
    public Optional<StartRequest.Owner> owner() {
        return Optional.empty();
    }

    @Override
    public boolean isAwaited() {
        return false;
    }

    @Override
    public Optional<VmDefinition> account() {
        return Optional.of(chains);
    }

    @Override
    public HeldFiles held(Holdings holdings) {
        return new HeldByOthers(holdings, vm());
    }

    @Override
    public Optional<Problem> obstacle(VmRecord now) {
        return seen.isOf(now)
                ? Optional.empty()
                : Optional.of(
                        Problem.of(Problem.Kind.PROCESS_ENDED, "VM " + vm() + " has ended, or is another one now"));
    }

    /** qemu has it open already, so that nothing is handed over. */
    @Override
    public JoiningFiles.Rewriting rewrite(List<ImageChain> chains, Predicate<HostPath> handed) {
        return new JoiningFiles.Rewritten(List.of());
    }

    @Override
    public FileAcquisition.Taker taker(VmRecord now) {
        return new Taker(new CommandFiles.Taker(ledger, now), seen.labels());
    }

    /** A mere record stays: the VM has the files. Otherwise nothing has labelled them, and the VM cannot use them. */
    @Override
    public List<Problem> giveBack(VmRecord joined, List<FileHold> holds) {
        return seen.labels() ? back.give(holds) : List.of();
    }

    @Override
    public List<Problem> mend(VmRecord joined, List<FileHold> holds) {
        return giveBack(joined, holds);
    }

    private record Taker(CommandFiles.Taker record, boolean labels) implements FileAcquisition.Taker {
        @Override
        public VmRecord record(List<FileHold> holds, List<FileRecord> newFiles) throws JournalException {
            return record.record(holds, newFiles);
        }

        @Override
        public Release.Decision leave(VmRecord vm) {
            return record.leave(vm);
        }

        @Override
        public void end(VmRecord vm, List<Problem> problems) {
            record.end(vm, problems);
        }
    }
}
