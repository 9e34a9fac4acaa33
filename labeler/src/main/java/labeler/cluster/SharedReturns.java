package labeler.cluster;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import labeler.apply.RecordedFiles;
import labeler.apply.Reverter;
import labeler.config.ClusterConfig;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.Holdings;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.Printable;
import labeler.plan.Sharing;
import labeler.problem.Problem;
import labeler.registry.Answer;
import labeler.registry.Claim;
import labeler.registry.ClaimId;
import labeler.registry.ClaimOutcome;
import labeler.registry.ClaimRequest;
import labeler.registry.HostName;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.registry.ReservedPair;
import labeler.registry.SharedFile;
import labeler.registry.Standing;
import labeler.registry.StorageName;
import labeler.registry.ToRestore;
import labeler.registry.WantedFile;
import labeler.storage.Place;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of holds on shared files. A host leaves a file first; only the last of all hosts gives its label back, and says so
 * when the label is on disk. While the registry does not answer, labels and holds stay as they are.
 */
record SharedReturns(
        RegistryLink link,
        OwnClaims own,
        PairReserve reserve,
        Holdings holdings,
        Upkeep.Places places,
        RecordedFiles found,
        LeftFiles left) {
    private static final Logger LOG = LoggerFactory.getLogger(SharedReturns.class);

    /** The name under which the registry has a VM. One that began without shared files has that of its reserved pair. */
    VmName name(VmRecord vm) {
        return own.has(vm.name())
                ? vm.name()
                : reserve.name(vm.contexts().level().pair()).orElse(vm.name());
    }

    /** All files of a VM of the journal's, whose process has ended. */
    Optional<Refusal> leaveAll(VmRecord vm) {
        VmName name = name(vm);
        own.explain(Set.of(name));
        return leave(name);
    }

    /** All files of a VM of this host. */
    Optional<Refusal> leave(VmName vm) {
        return leave(vm, own.files(vm));
    }

    Optional<Refusal> leave(VmName vm, Collection<SharedFile> files) {
        if (files.isEmpty()) {
            return Optional.empty();
        }
        Optional<Refusal> obstacle = link.obstacle();
        if (obstacle.isPresent()) {
            return obstacle;
        }
        try (PendingClaims.Leaving _ = own.pendingClaims().leaves(vm, files)) {
            return leaveAtRegistry(vm, files);
        }
    }

    /** The same if they are left still when every pending claim knows of it: one may have brought them on record since. */
    void leaveIf(BooleanSupplier isLeftStill, VmName vm, Collection<SharedFile> files) {
        try (PendingClaims.Leaving leaving = own.pendingClaims().leaves(vm, files)) {
            if (isLeftStill.getAsBoolean()) {
                Optional<Refusal> _ = leave(vm, files);
            } else {
                leaving.cancel();
            }
        }
    }

    private Optional<Refusal> leaveAtRegistry(VmName vm, Collection<SharedFile> files) {
        return switch (link.registry().leave(vm, files)) {
            case Answer.Given<List<ToRestore>>(List<ToRestore> restore) -> {
                own.left(vm, files, restore);
                handedOver(restore);
                yield Optional.empty();
            }
            case Answer.Refused<List<ToRestore>>(Refusal refusal) -> {
                link.note(refusal);
                yield Optional.of(refusal);
            }
        };
    }

    /** Files that were only handed over have nothing to be given back. */
    private void handedOver(List<ToRestore> restore) {
        List<ToRestore> done =
                restore.stream().filter(one -> one.ours().isEmpty()).toList();
        if (!done.isEmpty() && restored(done).isEmpty()) {
            own.restored(done);
        }
    }

    /** A file that is deleted has nothing to be given back. */
    void deleted(ToRestore file) {
        LOG.info(
                "{} on storage {} is deleted, and nothing goes back",
                Printable.text(file.path()),
                file.file().storage());
        if (restored(List.of(file)).isEmpty()) {
            own.restored(List.of(file));
        }
    }

    private Optional<Refusal> restored(List<ToRestore> files) {
        Optional<Refusal> refusal = link.obstacle().or(() -> link.registry().restored(files));
        refusal.ifPresent(link::note);
        return refusal;
    }

    /** These files of a VM that runs. */
    void leave(VmRecord vm, Collection<FileRecord> records) {
        VmName name = name(vm);
        Set<SharedFile> mine = own.files(name);
        if (mine.isEmpty()) {
            return;
        }
        Set<SharedFile> leaving = new HashSet<>();
        for (FileRecord record : records) {
            shared(record).filter(mine::contains).ifPresent(leaving::add);
        }
        Optional<Refusal> _ = leave(name, leaving);
    }

    private Optional<SharedFile> shared(FileRecord record) {
        if (!(found.find(record) instanceof Reverter.Same(OpenedFile file))) {
            return Optional.empty();
        }
        try (file) {
            return places.mounted().of(file) instanceof Place.Shared(SharedFile shared, String _)
                    ? Optional.of(shared)
                    : Optional.empty();
        } catch (LinuxException e) {
            return Optional.empty();
        }
    }

    /** Its name and its pair: both are free for others when its labels are back. */
    Optional<Refusal> end(VmName vm) {
        if (ReservedPair.is(vm) || !own.has(vm)) {
            return Optional.empty();
        }
        Optional<Refusal> refusal = link.obstacle().or(() -> link.registry().end(vm));
        refusal.ifPresentOrElse(link::note, () -> own.ended(vm));
        return refusal;
    }

    /** See {@link labeler.lifecycle.hold.OtherHosts#passage}. */
    Reverter.Passage passage(FileRecord record, OpenedFile file) {
        try {
            return switch (places.mounted().of(file)) {
                case Place.Shared(SharedFile shared, String path) -> passage(record, shared, path);
                case Place.Local() -> new Reverter.Free(record);
                case Place.AnotherRoot(StorageName name) ->
                    new Reverter.NotNow("other hosts may need its label, and storage " + name
                            + " is mounted here with another root; mount it as it was");
                case Place.Nameless(StorageName name) ->
                    new Reverter.NotNow("other hosts may need its label, and storage " + name
                            + " has no handle for it that they would know");
                case Place.Unclear(String why) -> new Reverter.NotNow("other hosts may need its label: " + why);
                case Place.Unregistered(String type) ->
                    places.unregistered() == ClusterConfig.Unregistered.LOCAL
                            ? new Reverter.Free(record)
                            : new Reverter.NotNow(
                                    "other hosts may need its label, since it lies on a shared file system ("
                                            + type
                                            + ") that is no registered storage, or whose root is not mounted here; "
                                            + "register it, or set [cluster] unregistered = \"local\"");
            };
        } catch (LinuxException e) {
            return new Reverter.NotNow(Place.Unclear.because(e));
        }
    }

    private Reverter.Passage passage(FileRecord record, SharedFile file, String path) {
        // By an older copy of the registry a file may be this host's to give back that a VM of another host has since.
        Optional<Refusal> awaited = link.awaited();
        if (awaited.isPresent()) {
            return notNow(awaited.get());
        }
        Optional<Refusal> obstacle = own.restoring(file).filter(own::isOldNews).flatMap(this::confirm);
        if (obstacle.isPresent()) {
            return notNow(obstacle.get());
        }
        if (own.restoring(file).isEmpty()) {
            Set<VmName> users = own.users(file);
            boolean isHeldHere = !holdings.holders(record.id()).isEmpty();
            if ((isHeldHere && !users.isEmpty()) || users.stream().anyMatch(this::mayNeedIt)) {
                return link.obstacle()
                        .map(SharedReturns::notNow)
                        .orElseGet(
                                () -> new Reverter.NotNow(
                                        "its label goes back when the process of its VM has ended, since other hosts may need it"));
            }
            for (VmName user : users) {
                obstacle = obstacle.or(() -> leave(user, Set.of(file)));
            }
            if (users.isEmpty() && !own.isLeftToOthers(file)) {
                obstacle = probe(record, file, path);
            }
        }
        Optional<ToRestore> mine = own.restoring(file);
        if (mine.isPresent()) {
            own.goesBack(record.id(), file);
            left.add(file, record);
            return new Reverter.Free(
                    record.goingBackTo(mine.get().original(), mine.get().ours()),
                    mine.get().ours());
        }
        return obstacle.<Reverter.Passage>map(SharedReturns::notNow)
                .orElseGet(() -> own.users(file).isEmpty()
                        ? heldElsewhere(record, file)
                        : new Reverter.NotNow("a VM takes it again"));
    }

    /** A start that fails since the registry is silent is told so, and not that a label could not be set. */
    private static Reverter.NotNow notNow(Refusal refusal) {
        Problem.Kind kind = Refusals.problem(refusal, Map.of()).kind();
        return kind == Problem.Kind.NO_REGISTRY
                ? new Reverter.NotNow(kind, refusal.message())
                : new Reverter.NotNow(refusal.message());
    }

    /**
     * Whether a file is this host's still to give back, which it was when the registry was asked. If not, another host has
     * taken its place, and may hold the file.
     */
    private Optional<Refusal> confirm(ToRestore one) {
        Optional<Refusal> obstacle = link.obstacle();
        if (obstacle.isPresent()) {
            return obstacle;
        }
        return switch (link.registry().standing(one.file())) {
            case Answer.Given<Standing>(Standing.GivesBack(ClaimId turn))
            when turn.equals(one.turn()) -> {
                own.confirm(one);
                yield Optional.empty();
            }
            case Answer.Given<Standing>(Standing now) -> {
                own.restored(List.of(one));
                if (now instanceof Standing.Nothing(Set<HostName> others) && !others.isEmpty()) {
                    LOG.warn(
                            "{} on storage {} was to go back here, and another host has done that, since this one was fenced",
                            Printable.text(one.path()),
                            one.file().storage());
                    own.leaveToOthers(one.file());
                } else {
                    // By another thread of this host, as a rule.
                    LOG.info(
                            "{} on storage {} was to go back here, and that is settled already",
                            Printable.text(one.path()),
                            one.file().storage());
                }
                yield Optional.empty();
            }
            case Answer.Refused<Standing>(Refusal refusal) -> {
                link.note(refusal);
                yield Optional.of(refusal);
            }
        };
    }

    /** A VM that is about to have it on record, or one that only the registry knows, and that may run. */
    private boolean mayNeedIt(VmName user) {
        return own.mayHaveMore(user) || own.unexplained(user).isPresent();
    }

    private Reverter.Passage heldElsewhere(FileRecord record, SharedFile file) {
        left.add(file, record);
        return new Reverter.HeldElsewhere("other hosts hold it; the last one gives it back");
    }

    /**
     * A record from before this host joined the cluster, or from before a crash: nobody knows whether other hosts hold the
     * file. So the host takes it for a moment, which only succeeds if they do not, and leaves it.
     */
    private Optional<Refusal> probe(FileRecord record, SharedFile file, String path) {
        Optional<Refusal> obstacle = link.obstacle();
        Optional<VmName> name = reserve.anyName();
        if (obstacle.isPresent() || name.isEmpty()) {
            return Optional.of(
                    obstacle.orElseGet(() -> new Refusal.Unreachable("this host has no pair in reserve yet")));
        }
        WantedFile wanted = new WantedFile(file, path, Sharing.EXCLUSIVE, _ -> record.applied());
        ClaimRequest request = new ClaimRequest(name.get(), Optional.empty(), new PairChoice.Kept(), List.of(wanted));
        return switch (link.registry().claim(request)) {
            case ClaimOutcome.Claimed(Claim claim) -> {
                Set<SharedFile> _ = own.claimed(name.get(), Set.of(file));
                Optional<Refusal> untold = claim.fresh().isEmpty()
                        ? Optional.empty()
                        : link.registry().originals(claim, Map.of(file, record.original()));
                untold.ifPresent(link::note);
                Optional<Refusal> unleft = leave(name.get(), Set.of(file));
                yield untold.or(() -> unleft);
            }
            case ClaimOutcome.NotClaimed(Refusal refusal, List<ToRestore> restore) -> {
                own.restore(restore);
                link.note(refusal);
                yield refusal instanceof Refusal.InUse ? Optional.empty() : Optional.of(refusal);
            }
        };
    }

    boolean takeNews() {
        return own.takeNews();
    }

    /** See {@link labeler.lifecycle.hold.OtherHosts#settled}. */
    Set<Long> settled(Collection<FileRecord> records) {
        Set<Long> free = new HashSet<>();
        Map<Long, ToRestore> returning = new HashMap<>();
        for (FileRecord record : records) {
            goingBack(record).ifPresentOrElse(one -> returning.put(record.id(), one), () -> free.add(record.id()));
        }
        if (!returning.isEmpty()) {
            List<ToRestore> files = List.copyOf(returning.values());
            Optional<Refusal> refusal = restored(files);
            if (refusal.isEmpty()) {
                own.restored(files);
                free.addAll(returning.keySet());
            } else {
                LOG.info(
                        "labels that went back stay on record: {}",
                        refusal.get().message());
            }
        }
        free.forEach(own::forget);
        return free;
    }

    /** A file that is gone was never asked for: only its handle tells. */
    private Optional<ToRestore> goingBack(FileRecord record) {
        Optional<ToRestore> known = own.file(record.id()).flatMap(own::restoring);
        return known.isPresent() || record.handle().isEmpty()
                ? known
                : own.restoring().stream()
                        .filter(one ->
                                one.file().handle().equals(record.handle().get()))
                        // The same handle may be another file's on a file system of its own.
                        .filter(one -> record.realPath().printable().endsWith("/" + one.path()))
                        .findFirst();
    }
}
