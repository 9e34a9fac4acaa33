package labeler.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.apply.RecordedFiles;
import labeler.cluster.RecordedShares.Recorded;
import labeler.cluster.RecordedShares.Shares;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.Holdings;
import labeler.registry.Claim;
import labeler.registry.ClaimId;
import labeler.registry.ClaimOutcome;
import labeler.registry.ClaimRequest;
import labeler.registry.HostName;
import labeler.registry.PairChoice;
import labeler.registry.Rebuild;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.registry.ToRestore;
import labeler.registry.WantedFile;
import labeler.selinux.CategoryPair;
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
    private final StaleEntries stale;
    private final Telling telling;

    /** The state at the last time when all was told that could be. */
    private Known told = new Known(0, Map.of());

    private OptionalLong mounts = OptionalLong.empty();

    /** VMs that are not told of in full. */
    private Map<VmName, Untold> untold = Map.of();

    /** VMs that were looked at, so that a VM or a file that comes later is seen. */
    private Map<VmName, Seen> seen = Map.of();

    /** The look at this host's own of which the stale ones are dropped. */
    private long cleared;

    /** The rebuild in which this host has told everything. */
    private Optional<ClaimId> toldIn = Optional.empty();

    /** VMs that have another pair in the registry than their own. */
    private final Set<VmName> standIns = new HashSet<>();

    Registration(Upkeep.Parts parts, RecordedFiles found, StaleEntries stale, Telling telling) {
        this.parts = parts;
        this.shares = new RecordedShares(parts.holdings(), parts.places().mounted(), found);
        this.stale = stale;
        this.telling = telling;
    }

    /**
     * All that decides whether a file of a VM has to be told.
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
     * @param isStarting whether it is told of when it runs
     */
    private record Untold(List<String> conflicts, List<String> unknown, boolean mayBeShared, boolean isStarting) {
        boolean isOpen() {
            return isWorded() || isStarting;
        }

        boolean isWorded() {
            return !conflicts.isEmpty() || !unknown.isEmpty();
        }

        boolean isComplete() {
            return unknown.isEmpty() && !isStarting;
        }
    }

    /**
     * A VM as it was looked at.
     *
     * @param run the number of its run
     * @param files the records of its files
     */
    private record Seen(long run, Set<Long> files) {}

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
        Optional<Rebuild> rebuild = parts.link().rebuild();
        Known known =
                new Known(parts.link().beginnings(), parts.places().known().all());
        boolean isAnew = !known.equals(told);
        OptionalLong mountsNow = parts.places().mounted().mountChanges();
        boolean isMounted = mountsNow.isEmpty() || !mountsNow.equals(mounts);
        if (!parts.link().isReachable()) {
            return;
        }
        List<VmRecord> vms = parts.holdings().vms();
        if (!isAnew
                && vms.stream().noneMatch(this::isNews)
                && untold.values().stream().noneMatch(one -> isAgain(one, isMounted))) {
            return;
        }
        Optional<Rebuild> awaited = rebuild.filter(one -> !one.isOver());
        boolean isLast = awaited.filter(one -> !isClearedByOthers(one)).isEmpty();
        Map<VmName, Untold> now = new HashMap<>();
        Map<VmName, Seen> looked = new HashMap<>();
        Optional<Refusal> obstacle = awaited.flatMap(_ -> clear(known.beginning()))
                .or(() -> isAnew ? parts.reserve().reclaim(parts.link()) : Optional.empty());
        for (VmRecord vm : vms) {
            Optional<Untold> before = Optional.ofNullable(untold.get(vm.name()));
            looked.put(vm.name(), seenNow(vm));
            if (isAnew
                    || isNews(vm)
                    || before.filter(one -> isAgain(one, isMounted)).isPresent()) {
                obstacle = obstacle.or(() -> register(vm, isLast, now));
            } else {
                before.ifPresent(one -> now.put(vm.name(), one));
            }
        }
        boolean isChanged = isAnew || !worded(now).equals(worded(untold));
        if (isChanged) {
            log(now);
        }
        boolean isUntold =
                awaited.filter(one -> !toldIn.equals(Optional.of(one.id()))).isPresent();
        // A rebuild that has begun since is told after the look that comes with it.
        if ((isChanged || isUntold) && parts.link().beginnings() == known.beginning()) {
            obstacle = obstacle.or(() -> rebuild.flatMap(one -> tell(one, now, isLast)));
        }
        obstacle.ifPresentOrElse(parts.link()::note, () -> {
            told = known;
            mounts = mountsNow;
            untold = now;
            seen = looked;
        });
    }

    private Seen seenNow(VmRecord vm) {
        return new Seen(parts.holdings().run(vm.name()), Set.copyOf(Holdings.fileIds(vm.files())));
    }

    /** A VM or a file that has come since: what a start asked the registry for may have been lost, or not be enough by now. */
    private boolean isNews(VmRecord vm) {
        Seen now = seenNow(vm);
        return vm.phase() != VmRecord.Phase.STOPPING
                && Optional.ofNullable(seen.get(vm.name()))
                        .filter(before ->
                                before.run() == now.run() && before.files().containsAll(now.files()))
                        .isEmpty();
    }

    private static Map<VmName, Untold> worded(Map<VmName, Untold> all) {
        Map<VmName, Untold> worded = new HashMap<>(all);
        worded.values().removeIf(one -> !one.isWorded());
        return worded;
    }

    private static boolean isAgain(Untold one, boolean isMounted) {
        return one.isOpen() || (isMounted && one.mayBeShared());
    }

    /** Entries of other hosts from the time of an older copy are in the way until these have taken them out. */
    private boolean isClearedByOthers(Rebuild rebuild) {
        return Set.of(parts.link().host()).containsAll(rebuild.uncleared());
    }

    /** In a rebuild the journal is right, and not what a copy of the registry has under this host's name. */
    private Optional<Refusal> clear(long beginning) {
        if (cleared != beginning) {
            Optional<Refusal> obstacle = stale.drop();
            if (obstacle.isPresent()) {
                return obstacle;
            }
            cleared = beginning;
        }
        return stale.settle();
    }

    private static void log(Map<VmName, Untold> now) {
        for (Untold one : now.values()) {
            one.conflicts().forEach(conflict -> LOG.warn("the cluster is not told of everything: {}", conflict));
            one.unknown()
                    .forEach(file -> LOG.warn(
                            "the cluster is not told of everything, and a rebuild waits for this host: {}; see to it, or end"
                                    + " the VM",
                            file));
        }
    }

    /**
     * A rebuild is not over while a file is left out that another host could take, nor while something is in the way of which
     * its host may not have said yet that it is over.
     */
    private Optional<Refusal> tell(Rebuild rebuild, Map<VmName, Untold> now, boolean isLast) {
        List<String> conflicts =
                now.values().stream().flatMap(one -> one.conflicts().stream()).toList();
        boolean isAll = now.values().stream().allMatch(Untold::isComplete);
        if (isAll && (isLast || conflicts.isEmpty())) {
            Optional<Refusal> refusal = telling.tell(rebuild.id(), conflicts);
            if (refusal.isEmpty()) {
                toldIn = Optional.of(rebuild.id());
            }
            return refusal;
        }
        return rebuild.uncleared().contains(parts.link().host()) ? stale.say(rebuild.id()) : Optional.empty();
    }

    private Optional<Refusal> register(VmRecord vm, boolean isLast, Map<VmName, Untold> untold) {
        if (vm.phase() == VmRecord.Phase.STARTING || parts.own().isUnderWay(vm.name())) {
            untold.put(vm.name(), new Untold(List.of(), List.of(), false, true));
            return Optional.empty();
        }
        // A VM that stops gives back all that it has, and waits for a rebuild: a rebuild does not wait for it.
        if (vm.phase() == VmRecord.Phase.STOPPING) {
            return Optional.empty();
        }
        return tell(vm, isLast, untold);
    }

    private Optional<Refusal> tell(VmRecord vm, boolean isLast, Map<VmName, Untold> untold) {
        VmName name = parts.returns().name(vm);
        Shares all = shares.of(vm);
        Map<SharedFile, Recorded> missing = new HashMap<>(all.files());
        missing.keySet().removeAll(parts.own().heldFiles(name));
        List<String> conflicts = new ArrayList<>();
        Optional<Refusal> obstacle = pair(vm, name, isLast, conflicts);
        boolean hasPair = parts.own().has(name)
                || parts.reserve().has(vm.contexts().level().pair());
        for (Recorded one : hasPair ? missing.values() : List.<Recorded>of()) {
            obstacle = obstacle.or(() -> claim(vm, name, new PairChoice.Kept(), Optional.of(one), conflicts));
        }
        Untold left = new Untold(conflicts, all.unknown(), all.mayBeShared(), false);
        if (left.isOpen() || left.mayBeShared()) {
            untold.put(vm.name(), left);
        }
        return obstacle;
    }

    /**
     * A VM whose pair another host has keeps its files all the same, under a pair that nobody uses. Its own is asked for again
     * all the while: a process runs at it.
     */
    private Optional<Refusal> pair(VmRecord vm, VmName name, boolean isLast, List<String> conflicts) {
        CategoryPair pair = vm.contexts().level().pair();
        if (parts.reserve().has(pair) || (parts.own().has(name) && !isAtAnother(vm))) {
            return Optional.empty();
        }
        if (parts.own().has(name)) {
            Optional<Refusal> refusal = parts.reserve().keep(parts.link(), pair).filter(one -> !isPairOfThisHost(one));
            refusal.filter(Registration::isLasting).ifPresent(one -> conflicts.add(words(vm, one)));
            return refusal.filter(one -> !isLasting(one));
        }
        Optional<Refusal> obstacle = claim(vm, name, new PairChoice.Given(pair), Optional.empty(), conflicts);
        if (obstacle.isPresent() || parts.own().has(name) || !isLast) {
            return obstacle;
        }
        standIns.add(vm.name());
        return claim(vm, name, parts.reserve().drawn(parts.holdings()::isReserved), Optional.empty(), conflicts);
    }

    private boolean isPairOfThisHost(Refusal refusal) {
        return refusal instanceof Refusal.PairTaken(CategoryPair _, HostName by)
                && by.equals(parts.link().host());
    }

    private boolean isAtAnother(VmRecord vm) {
        return standIns.contains(vm.name())
                || parts.own()
                        .pairAsRead(vm.name())
                        .filter(pair -> !pair.equals(vm.contexts().level().pair()))
                        .isPresent();
    }

    private static String words(VmRecord vm, Refusal refusal) {
        return "VM " + vm.name() + ": " + refusal.message();
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
                    conflicts.add(words(vm, refusal));
                    yield Optional.empty();
                }
                yield Optional.of(refusal);
            }
        };
    }

    /** The VM may have left the file meanwhile, and could not tell. If nobody answers now, it leaves it as it ends. */
    private void leaveUnlessHeld(VmRecord vm, VmName name, Recorded file) {
        parts.returns()
                .leaveIf(
                        () -> !parts.holdings().holders(file.record().id()).contains(vm.name()),
                        name,
                        Set.of(file.wanted().file()));
    }

    private static boolean isLasting(Refusal refusal) {
        return switch (refusal) {
            case Refusal.Conflict _, Refusal.NotUnderstood _ -> true;
            case Refusal.Unmet _, Refusal.ShutOut _, Refusal.Silent _ -> false;
        };
    }
}
