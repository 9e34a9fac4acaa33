package labeler.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.apply.RecordedFiles;
import labeler.apply.Reverter;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.Holdings;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.registry.Answer;
import labeler.registry.Claim;
import labeler.registry.ClaimId;
import labeler.registry.ClaimOutcome;
import labeler.registry.ClaimRequest;
import labeler.registry.PairChoice;
import labeler.registry.Rebuild;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;
import labeler.registry.ToRestore;
import labeler.registry.WantedFile;
import labeler.storage.Place;
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
    private final RecordedFiles found;
    private final Telling telling;

    /** The look at this host's own after which everything was told. */
    private long told;

    /** Why VMs are not told of in full. Others may make room for them. */
    private Map<VmName, List<String>> conflicts = Map.of();

    Registration(Upkeep.Parts parts, RecordedFiles found, Telling telling) {
        this.parts = parts;
        this.found = found;
        this.telling = telling;
    }

    /** Says that this host has told everything, for a rebuild. */
    interface Telling {
        Optional<Refusal> tell(ClaimId rebuild, List<String> conflicts);
    }

    /** A file of a VM, as the journal has it. */
    private record Recorded(WantedFile wanted, FileRecord record) {}

    /**
     * Once after each look at all that stands under this host's name, and again if the registry does not answer. VMs of which
     * it could not be told everything are told of each time.
     */
    void register() {
        long beginning = parts.link().beginnings();
        boolean isAnew = beginning != told;
        if (!isAnew && conflicts.isEmpty()) {
            return;
        }
        Map<VmName, List<String>> now = new HashMap<>();
        Optional<Refusal> obstacle = isAnew ? parts.reserve().reclaim(parts.link()) : Optional.empty();
        for (VmRecord vm : parts.holdings().vms()) {
            if (isAnew || conflicts.containsKey(vm.name())) {
                obstacle = obstacle.or(() -> register(vm, now));
            }
        }
        if (isAnew || !now.equals(conflicts)) {
            List<String> words = now.values().stream().flatMap(List::stream).toList();
            words.forEach(conflict -> LOG.warn("the cluster is not told of everything: {}", conflict));
            Optional<Rebuild> rebuild = parts.link().rebuild();
            obstacle = obstacle.or(() -> rebuild.flatMap(one -> telling.tell(one.id(), words)));
        }
        obstacle.ifPresentOrElse(parts.link()::note, () -> {
            told = beginning;
            conflicts = now;
        });
    }

    private Optional<Refusal> register(VmRecord vm, Map<VmName, List<String>> conflicts) {
        List<String> own = new ArrayList<>();
        Optional<Refusal> obstacle = register(vm, own);
        if (!own.isEmpty()) {
            conflicts.put(vm.name(), own);
        }
        return obstacle;
    }

    private Optional<Refusal> register(VmRecord vm, List<String> conflicts) {
        if (vm.phase() != VmRecord.Phase.RUNNING || parts.own().isUnderWay(vm.name())) {
            return Optional.empty();
        }
        Optional<Refusal> undropped = isOfEarlierRun(vm) ? drop(vm.name()) : Optional.empty();
        return undropped.or(() -> tell(vm, conflicts));
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

    private Optional<Refusal> tell(VmRecord vm, List<String> conflicts) {
        VmName name = parts.departures().name(vm);
        Map<SharedFile, Recorded> missing = files(vm);
        missing.keySet().removeAll(parts.own().files(name));
        boolean isKnown = parts.own().has(name)
                || parts.reserve().has(vm.contexts().level().pair());
        Optional<Refusal> obstacle = isKnown ? Optional.empty() : pair(vm, conflicts);
        for (Recorded one : missing.values()) {
            obstacle = obstacle.or(() -> claim(vm, name, new PairChoice.Kept(), Optional.of(one), conflicts));
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

    /** The VM's files on shared storage. One that is not found now has nothing that another host could take. */
    private Map<SharedFile, Recorded> files(VmRecord vm) {
        Map<SharedFile, Recorded> files = new HashMap<>();
        for (long id : Holdings.fileIds(vm.files())) {
            parts.holdings().file(id).ifPresent(record -> add(record, files));
        }
        return files;
    }

    private void add(FileRecord record, Map<SharedFile, Recorded> files) {
        if (!(found.find(record) instanceof Reverter.Same(OpenedFile file))) {
            return;
        }
        try (file) {
            if (parts.places().mounted().of(file) instanceof Place.Shared(SharedFile shared, String path)) {
                WantedFile wanted = new WantedFile(shared, path, record.sharing(), _ -> record.applied());
                files.put(shared, new Recorded(wanted, record));
            }
        } catch (LinuxException e) {
            LOG.warn("{}: on which storage it lies cannot be told ({})", record.path(), e.getMessage());
        }
    }
}
