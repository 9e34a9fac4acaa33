package labeler.cluster;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.Holdings;
import labeler.linux.FileHandle;
import labeler.linux.Printable;
import labeler.registry.Answer;
import labeler.registry.ClaimId;
import labeler.registry.Refusal;
import labeler.registry.ReservedPair;
import labeler.registry.SharedFile;
import labeler.registry.ToRestore;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries of a registry that came back from an older copy, under this host's name, which are over since then. VMs of
 * other hosts may have the files by now, at the same labels. So they go off the registry, and no label goes back for
 * them: a file that still has a label of this host's is in its journal.
 *
 * @param isWithoutProcess whether no process of this host belongs to a VM that the journal does not have
 * @param saying says in a rebuild that they are dropped
 */
record StaleEntries(
        RegistryLink link,
        OwnClaims own,
        SharedReturns returns,
        Holdings holdings,
        Predicate<VmName> isWithoutProcess,
        Function<ClaimId, Optional<Refusal>> saying) {
    private static final Logger LOG = LoggerFactory.getLogger(StaleEntries.class);

    /** Drops them. Answers why that is not possible now. */
    Optional<Refusal> drop() {
        Optional<Refusal> obstacle = dropRestoring();
        for (VmRecord vm : holdings.vms()) {
            if (isOfEarlierRun(vm)) {
                obstacle = obstacle.or(() -> dropAll(vm.name()));
            }
        }
        Map<VmName, VmRecord> here = new HashMap<>();
        holdings.vms().forEach(vm -> here.put(returns.name(vm), vm));
        for (VmName name : own.vms()) {
            Optional<VmRecord> vm = Optional.ofNullable(here.get(name));
            if (vm.isPresent()) {
                obstacle = obstacle.or(() -> drop(name, notOf(holdings, vm.get(), own.files(name))));
            } else if (own.isUnderWay(name)) {
                // It is on record soon, or has failed.
                obstacle = obstacle.or(() -> Optional.of(new Refusal.Rebuilding(Set.of(link.host()))));
            } else if (hasEnded(name)) {
                obstacle = obstacle.or(() -> dropAll(name));
            }
        }
        return obstacle;
    }

    private boolean hasEnded(VmName vm) {
        return own.unexplained(vm).isEmpty() || isWithoutProcess.test(vm);
    }

    /** Says in a rebuild that they are dropped. Others can tell now what they had in their place. */
    Optional<Refusal> say(ClaimId rebuild) {
        return saying.apply(rebuild);
    }

    /** Frees the pairs of what was dropped: VMs that run elsewhere may have them. */
    Optional<Refusal> settle() {
        return switch (link.registry().settle(holdings.pairs())) {
            case Answer.Given<List<ToRestore>>(List<ToRestore> restore) -> {
                own.restore(restore);
                yield Optional.empty();
            }
            case Answer.Refused<List<ToRestore>>(Refusal refusal) -> Optional.of(refusal);
        };
    }

    /** They were about to go back at the time of the copy. */
    private Optional<Refusal> dropRestoring() {
        List<ToRestore> restoring = own.restoring();
        if (restoring.isEmpty()) {
            return Optional.empty();
        }
        Set<FileHandle> recorded = new HashSet<>();
        holdings.unheld().forEach(one -> one.file().handle().ifPresent(recorded::add));
        restoring.stream()
                .filter(one -> !recorded.contains(one.file().handle()))
                .forEach(one -> LOG.warn(
                        "{} on storage {} was going back to {} when the registry was copied, and this host has no record of"
                                + " it any more; it is left as it is now, so look at its label",
                        Printable.text(one.path()),
                        one.file().storage(),
                        one.original().map(StoredLabel::toString).orElse("no label")));
        return restored(restoring);
    }

    private Optional<Refusal> restored(List<ToRestore> files) {
        Optional<Refusal> refusal = link.registry().restored(files);
        if (refusal.isEmpty()) {
            own.restored(files);
        }
        return refusal;
    }

    private boolean isOfEarlierRun(VmRecord vm) {
        return own.pairAsRead(vm.name())
                .filter(pair -> !pair.equals(vm.contexts().level().pair()))
                .isPresent();
    }

    /** Those that the VM does not have by the journal; none if that cannot be told: any file may be one of them. */
    static Set<SharedFile> notOf(Holdings holdings, VmRecord vm, Set<SharedFile> files) {
        Set<FileHandle> handles = new HashSet<>();
        for (long id : Holdings.fileIds(vm.files())) {
            Optional<FileHandle> handle = holdings.file(id).flatMap(FileRecord::handle);
            if (handle.isEmpty()) {
                return Set.of();
            }
            handles.add(handle.get());
        }
        Set<SharedFile> stale = new HashSet<>(files);
        stale.removeIf(file -> handles.contains(file.handle()));
        return stale;
    }

    /** A pair that this host has in reserve stays its own. */
    private Optional<Refusal> dropAll(VmName vm) {
        Optional<Refusal> refusal = drop(vm, own.files(vm));
        if (refusal.isPresent() || ReservedPair.is(vm)) {
            return refusal;
        }
        Optional<Refusal> unended = link.registry().end(vm);
        if (unended.isEmpty()) {
            own.ended(vm);
        }
        return unended;
    }

    private Optional<Refusal> drop(VmName vm, Collection<SharedFile> files) {
        if (files.isEmpty()) {
            return Optional.empty();
        }
        LOG.info(
                "the registry's copy has {} files of VM {} that this host's journal does not have for it: they go off the"
                        + " registry, and their labels stay; labeler recover --scan finds those that nobody needs",
                files.size(),
                vm);
        try (PendingClaims.Leaving _ = own.pendingClaims().leaves(vm, files)) {
            return switch (link.registry().leave(vm, files)) {
                case Answer.Given<List<ToRestore>>(List<ToRestore> restore) -> {
                    own.dropped(vm, files);
                    // Nobody else knows of them if the registry falls silent now: the next try finds them by this.
                    own.restore(restore);
                    yield restore.isEmpty() ? Optional.empty() : restored(restore);
                }
                case Answer.Refused<List<ToRestore>>(Refusal refusal) -> Optional.of(refusal);
            };
        }
    }
}
