package labeler.lifecycle.release;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import labeler.apply.Reverter;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.leftover.EndedVm;
import labeler.leftover.LeftoverRepair;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.OtherHosts;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.linux.Timestamp;
import labeler.work.FileSystemWork;
import labeler.work.WhenLate;

/**
 * Files that its manager takes from a running VM. The manager may give one to it again, or to another VM, at any moment,
 * and tells nobody: it sets the label first, and writes down later what it has done. So a file is free only if nobody has
 * touched it, and no running domain names it.
 */
public final class Departures {
    private final Holdings holdings;
    private final Reverter reverter;
    private final SafeOpen open;
    private final LeftoverRepair leftovers;
    private final FileSystemWork work;
    private final OtherHosts others;

    @Inject
    Departures(
            Holdings holdings,
            Reverter reverter,
            SafeOpen open,
            LeftoverRepair leftovers,
            FileSystemWork work,
            OtherHosts others) {
        this.others = others;
        this.holdings = holdings;
        this.reverter = reverter;
        this.open = open;
        this.leftovers = leftovers;
        this.work = work;
    }

    /**
     * When each of these files was last touched, its label included (ctime of inode(7)); empty for one that is gone, or
     * that has no record. A hold whose file cannot be looked at is missing in the answer.
     */
    public Map<FileHold, Optional<Timestamp>> touched(Collection<FileHold> holds) {
        Map<FileHold, Optional<Timestamp>> touched = new HashMap<>();
        List<Recorded> recorded = new ArrayList<>();
        for (FileHold hold : holds) {
            record(hold)
                    .ifPresentOrElse(
                            record -> recorded.add(new Recorded(hold, record)),
                            () -> touched.put(hold, Optional.empty()));
        }
        work.each(recorded, one -> one.record().realPath(), WhenLate.END, (one, _) -> look(one.record()))
                .forEach((one, outcome) -> {
                    if (outcome instanceof FileSystemWork.Done<Look>(Seen(Optional<Timestamp> time))) {
                        touched.put(one.hold(), time);
                    }
                });
        return touched;
    }

    private record Recorded(FileHold hold, FileRecord record) {}

    private Optional<FileRecord> record(FileHold hold) {
        return hold.file().stream()
                .boxed()
                .flatMap(id -> holdings.file(id).stream())
                .findFirst();
    }

    private sealed interface Look {}

    private record Seen(Optional<Timestamp> touched) implements Look {}

    private record Unseen() implements Look {}

    private Look look(FileRecord record) {
        return switch (reverter.find(record)) {
            case Reverter.Gone _, Reverter.NotFound _ -> new Seen(Optional.empty());
            case Reverter.Failed _ -> new Unseen();
            case Reverter.Same(OpenedFile file) -> {
                try (file) {
                    yield new Seen(Optional.of(open.touched(file)));
                } catch (LinuxException e) {
                    yield new Unseen();
                }
            }
        };
    }

    /**
     * Whether a file may be given back now. Where the manager labels, a label that it has left is mended first; it is no
     * label of ours.
     *
     * @param touched by file number, as an earlier look has found it
     * @param isStill whether the manager's word still holds
     */
    public BiPredicate<FileRecord, OpenedFile> free(
            VmRecord vm, Map<Long, Optional<Timestamp>> touched, BooleanSupplier isStill) {
        return (record, file) -> {
            // That takes seconds where a file system is silent. A new holder has changed the label by then.
            boolean isFree = !leftovers.mayBeUsedBeside(vm.name(), file)
                    && isUntouched(file, touched.getOrDefault(record.id(), Optional.empty()))
                    && isStill.getAsBoolean()
                    && !isLate();
            if (isFree && vm.startedBy().labels()) {
                EndedVm leaving = new EndedVm(vm.name(), vm.contexts().level(), List.of(record), Set.of());
                leftovers.of(
                        leaving, record, file, new LeftoverRepair.OnRecord(holdings, () -> !isLate(), others::mayNeed));
            }
            return isFree;
        };
    }

    private boolean isLate() {
        return work.current().filter(errand -> errand.isLate()).isPresent();
    }

    private boolean isUntouched(OpenedFile file, Optional<Timestamp> before) {
        try {
            return before.equals(Optional.of(open.touched(file)));
        } catch (LinuxException e) {
            return false;
        }
    }
}
