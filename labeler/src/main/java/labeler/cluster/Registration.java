package labeler.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.apply.RecordedFiles;
import labeler.cluster.RecordedShares.Recorded;
import labeler.cluster.RecordedShares.Shares;
import labeler.journal.VmRecord;
import labeler.registry.Answer;
import labeler.registry.Claim;
import labeler.registry.ClaimId;
import labeler.registry.ClaimOutcome;
import labeler.registry.ClaimRequest;
import labeler.registry.PairChoice;
import labeler.registry.Rebuild;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.registry.ToRestore;
import labeler.registry.WantedFile;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the registry of VMs that run here, and of which it knows nothing: they started before this host joined, or the
 * registry was lost. The journal has what each of their files carried before. What another host has is reported, and
 * nothing is taken from anybody.
 */
final class Registration {
    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);

    private final Upkeep.Parts parts;
    private final RecordedShares shares;
    private final Telling telling;

    /** What it was by which everything was told that could be. */
    private Known told = new Known(0, Map.of());

    private OptionalLong mounts = OptionalLong.empty();

    /** VMs that are not told of in full. */
    private Map<VmName, Untold> untold = Map.of();

    Registration(Upkeep.Parts parts, RecordedFiles found, Telling telling) {
        this.parts = parts;
        this.shares = new RecordedShares(parts.holdings(), parts.places().mounted(), found);
        this.telling = telling;
    }

    /**
     * What decides whether a file of a VM has to be told.
     *
     * @param beginning the look at this host's own
     */
    private record Known(long beginning, Map<StorageName, Storage> storages) {}

    /**
     * Why a VM is not told of in full.
     *
     * @param conflicts what others have; they may make room for it
     * @param unknown files that cannot be looked at now, or not as the other hosts know them
     * @param mayBeShared whether a file lies where a registered storage may come to light
     */
    private record Untold(List<String> conflicts, List<String> unknown, boolean mayBeShared) {
        boolean isOpen() {
            return !conflicts.isEmpty() || !unknown.isEmpty();
        }
    }

    /** Says that this host has told everything, for a rebuild. */
    interface Telling {
        Optional<Refusal> tell(ClaimId rebuild, List<String> conflicts);
    }

    /**
     * Tells after each look at all that stands under this host's name, and whenever the cluster's storages have changed: a file
     * that nobody could have named before may be another host's to take from now on. It is repeated while the registry does
     * not answer, and for each VM of which it could not be told everything.
     */
    void register() {
        Known known =
                new Known(parts.link().beginnings(), parts.places().known().all());
        boolean isAnew = !known.equals(told);
        OptionalLong mountsNow = parts.places().mounted().mountChanges();
        boolean isMounted = mountsNow.isEmpty() || !mountsNow.equals(mounts);
        if (!isAnew && untold.values().stream().noneMatch(one -> isAgain(one, isMounted))) {
            return;
        }
        Map<VmName, Untold> now = new HashMap<>();
        Optional<Refusal> obstacle = isAnew ? parts.reserve().reclaim(parts.link()) : Optional.empty();
        for (VmRecord vm : parts.holdings().vms()) {
            Optional<Untold> before = Optional.ofNullable(untold.get(vm.name()));
            if (isAnew || before.filter(one -> isAgain(one, isMounted)).isPresent()) {
                obstacle = obstacle.or(() -> register(vm, now));
            } else {
                before.ifPresent(one -> now.put(vm.name(), one));
            }
        }
        if (isAnew || !now.equals(untold)) {
            obstacle = obstacle.or(() -> tell(now));
        }
        obstacle.ifPresentOrElse(parts.link()::note, () -> {
            told = known;
            mounts = mountsNow;
            untold = now;
        });
    }

    private static boolean isAgain(Untold one, boolean isMounted) {
        return one.isOpen() || (isMounted && one.mayBeShared());
    }

    /** A rebuild is not over while a file is left out that another host could take. */
    private Optional<Refusal> tell(Map<VmName, Untold> now) {
        List<String> conflicts = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        now.values().forEach(one -> {
            conflicts.addAll(one.conflicts());
            unknown.addAll(one.unknown());
        });
        conflicts.forEach(conflict -> LOG.warn("the cluster is not told of everything: {}", conflict));
        unknown.forEach(file -> LOG.warn(
                "the cluster is not told of everything, and a rebuild waits for this host: {}; see to it, or end the VM",
                file));
        Optional<Rebuild> rebuild = unknown.isEmpty() ? parts.link().rebuild() : Optional.empty();
        return rebuild.flatMap(one -> telling.tell(one.id(), conflicts));
    }

    private Optional<Refusal> register(VmRecord vm, Map<VmName, Untold> untold) {
        if (vm.phase() != VmRecord.Phase.RUNNING || parts.own().isUnderWay(vm.name())) {
            return Optional.empty();
        }
        Optional<Refusal> undropped = isOfEarlierRun(vm) ? drop(vm.name()) : Optional.empty();
        return undropped.or(() -> tell(vm, untold));
    }

    /** Whether a registry that came back from an older copy has the VM as it was before it was started again. */
    private boolean isOfEarlierRun(VmRecord vm) {
        return parts.link().awaited().isPresent()
                && parts.own()
                        .pairAsRead(vm.name())
                        .filter(pair -> !pair.equals(vm.contexts().level().pair()))
                        .isPresent();
    }

    /** No other host takes anything while the registry is filled again. */
    private Optional<Refusal> drop(VmName vm) {
        Set<SharedFile> files = parts.own().files(vm);
        switch (parts.link().registry().leave(vm, files)) {
            case Answer.Given<List<ToRestore>>(List<ToRestore> restore) ->
                parts.own().left(vm, files, restore);
            case Answer.Refused<List<ToRestore>>(Refusal refusal) -> {
                return Optional.of(refusal);
            }
        }
        Optional<Refusal> refusal = parts.link().registry().end(vm);
        if (refusal.isEmpty()) {
            parts.own().ended(vm);
        }
        return refusal;
    }

    private Optional<Refusal> tell(VmRecord vm, Map<VmName, Untold> untold) {
        VmName name = parts.departures().name(vm);
        Shares all = shares.of(vm);
        Map<SharedFile, Recorded> missing = new HashMap<>(all.files());
        missing.keySet().removeAll(parts.own().files(name));
        List<String> conflicts = new ArrayList<>();
        boolean isKnown = parts.own().has(name)
                || parts.reserve().has(vm.contexts().level().pair());
        Optional<Refusal> obstacle = isKnown ? Optional.empty() : pair(vm, conflicts);
        for (Recorded one : missing.values()) {
            obstacle = obstacle.or(() -> claim(vm, name, new PairChoice.Kept(), Optional.of(one), conflicts));
        }
        Untold left = new Untold(conflicts, all.unknown(), all.mayBeShared());
        if (left.isOpen() || left.mayBeShared()) {
            untold.put(vm.name(), left);
        }
        return obstacle;
    }

    /** A VM whose pair another host has keeps its files all the same, under a pair that nobody uses. */
    private Optional<Refusal> pair(VmRecord vm, List<String> conflicts) {
        PairChoice given = new PairChoice.Given(vm.contexts().level().pair());
        Optional<Refusal> obstacle = claim(vm, vm.name(), given, Optional.empty(), conflicts);
        return obstacle.isPresent() || parts.own().has(vm.name())
                ? obstacle
                : claim(
                        vm,
                        vm.name(),
                        parts.reserve().drawn(parts.holdings()::isReserved),
                        Optional.empty(),
                        conflicts);
    }

    /** Claims one thing. Answers why nothing more can be told, and adds what only this one is refused for. */
    private Optional<Refusal> claim(
            VmRecord vm, VmName name, PairChoice pair, Optional<Recorded> file, List<String> conflicts) {
        List<WantedFile> wanted = file.map(Recorded::wanted).stream().toList();
        ClaimRequest request = new ClaimRequest(name, Optional.empty(), pair, wanted);
        return switch (parts.link().registry().claim(request)) {
            case ClaimOutcome.Claimed(Claim claim) -> {
                Set<SharedFile> _ = parts.own()
                        .claimed(name, wanted.stream().map(WantedFile::file).toList());
                Optional<Refusal> unread = file.filter(_ -> !claim.fresh().isEmpty())
                        .flatMap(one -> parts.link()
                                .registry()
                                .originals(
                                        claim,
                                        Map.of(one.wanted().file(), one.record().original())));
                file.ifPresent(one -> leaveUnlessHeld(vm, name, one));
                yield unread;
            }
            case ClaimOutcome.NotClaimed(Refusal refusal, List<ToRestore> restore) -> {
                parts.own().restore(restore);
                if (isLasting(refusal)) {
                    conflicts.add("VM " + vm.name() + ": " + refusal.message());
                    yield Optional.empty();
                }
                yield Optional.of(refusal);
            }
        };
    }

    /** The VM may have left the file meanwhile, and could not tell. If nobody answers now, it leaves it as it ends. */
    private void leaveUnlessHeld(VmRecord vm, VmName name, Recorded file) {
        parts.departures()
                .leaveIf(
                        () -> !parts.holdings().holders(file.record().id()).contains(vm.name()),
                        name,
                        Set.of(file.wanted().file()));
    }

    private static boolean isLasting(Refusal refusal) {
        return switch (refusal) {
            case Refusal.PairTaken _,
                    Refusal.NoFreePair _,
                    Refusal.InUse _,
                    Refusal.Busy _,
                    Refusal.Contended _,
                    Refusal.VmOnRecord _,
                    Refusal.NotUnderstood _ -> true;
            case Refusal.NoSuchVm _,
                    Refusal.StillHolds _,
                    Refusal.NotMoving _,
                    Refusal.NotFenced _,
                    Refusal.HostHolds _,
                    Refusal.AnotherStorage _,
                    Refusal.NotJoined _,
                    Refusal.Outdated _,
                    Refusal.Rebuilding _,
                    Refusal.NothingLost _,
                    Refusal.Unreachable _,
                    Refusal.Denied _ -> false;
        };
    }
}
