package labeler.registry.etcd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import labeler.plan.Sharing;
import labeler.registry.Answer;
import labeler.registry.Claim;
import labeler.registry.ClaimOutcome;
import labeler.registry.ClaimRequest;
import labeler.registry.HostName;
import labeler.registry.Mine;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.registry.Registry;
import labeler.registry.SharedFile;
import labeler.registry.TestFiles;
import labeler.registry.ToRestore;
import labeler.registry.WantedFile;
import labeler.selinux.CategoryPair;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/** A host as the lifecycle is one: it starts and stops VMs, takes those of others, and recovers. Its journal survives its service. */
final class SimulatedHost {
    private static final int PAIRS = 40;

    private final HostName name;
    private final SimulatedStorage storage;
    private final Random random;

    /** What the journal says: VMs that run, or may have labels on disk. */
    private final Map<String, Running> journal = new TreeMap<>();

    /** Hosts that were fenced, for this one to take over. */
    private final Queue<HostName> off = new ConcurrentLinkedQueue<>();

    private int started;

    /** VMs that may be on record though the journal does not know them: nobody answered. */
    private final Set<String> unsure = new HashSet<>();

    private final Supplier<Set<String>> recorded;

    /** @param recorded the VMs that the registry really has for this host */
    SimulatedHost(HostName name, SimulatedStorage storage, Random random, Supplier<Set<String>> recorded) {
        this.name = name;
        this.storage = storage;
        this.recorded = recorded;
        this.random = random;
    }

    record Running(CategoryPair pair, List<WantedFile> files) {}

    /** The service's life: from its beginning until it is killed, or for this many steps. */
    void live(Registry registry, FaultyMembers members, int steps) {
        if (!recover(registry)) {
            return;
        }
        for (int step = 0; step < steps; step++) {
            members.perhapsDie();
            if (journal.size() < 3 && random.nextBoolean()) {
                if (random.nextBoolean()) {
                    move(registry, members);
                } else {
                    start(registry, members);
                }
            } else if (!journal.isEmpty()) {
                String vm = List.copyOf(journal.keySet()).get(random.nextInt(journal.size()));
                if (random.nextInt(4) == 0) {
                    take(registry, members, vm);
                } else {
                    stop(registry, members, vm);
                }
            }
            HostName fenced = off.poll();
            if (fenced != null) {
                given(registry.takeOver(fenced, Set.of(TestFiles.STORAGE)))
                        .ifPresent(restore -> restore(registry, restore));
            }
            given(registry.settle(Set.of())).ifPresent(restore -> restore(registry, restore));
            journal.forEach((vm, running) -> storage.use(name, vm, running.pair(), running.files()));
            if (random.nextInt(4) == 0) {
                believesWhatIsRecorded();
            }
        }
    }

    /** A claim that nobody knows would hold its files for ever. */
    private void believesWhatIsRecorded() {
        Set<String> unknown = new HashSet<>(recorded.get());
        unknown.removeAll(journal.keySet());
        unknown.removeAll(unsure);
        storage.check(unknown.isEmpty(), "the registry has VMs that host " + name + " does not know: " + unknown);
    }

    HostName name() {
        return name;
    }

    /** Another host is off, and fenced. */
    void replace(HostName fenced) {
        off.add(fenced);
    }

    /** Stops all VMs that run. */
    void stopAll(Registry registry) {
        Map.copyOf(journal).forEach((vm, running) -> {
            storage.ended(name, vm);
            leave(registry, new VmName(vm), files(running.files()));
        });
    }

    /** The host loses its power: no process is left. */
    void powerOff() {
        storage.off(name);
        journal.clear();
    }

    /** Whether it could begin. What the journal does not know was never labelled, or its host was switched off. */
    boolean recover(Registry registry) {
        unsure.clear();
        Optional<Mine> mine = given(registry.mine());
        if (mine.isEmpty()) {
            return false;
        }
        Set<String> known =
                mine.get().vms().stream().map(vm -> vm.name().value()).collect(Collectors.toSet());
        storage.check(
                known.containsAll(journal.keySet()),
                name + " runs VMs that the registry does not know: " + journal.keySet() + " but " + known);
        restore(registry, mine.get().restoring());
        for (Mine.HostedVm vm : mine.get().vms()) {
            Optional<Running> running =
                    Optional.ofNullable(journal.get(vm.name().value()));
            if (running.isEmpty()) {
                leave(registry, vm.name(), vm.files());
            } else {
                Set<SharedFile> files = files(running.get().files());
                storage.check(
                        vm.files().containsAll(files),
                        name + "/" + vm.name() + " uses files that the registry does not know");
                Set<SharedFile> more = new HashSet<>(vm.files());
                more.removeAll(files);
                if (!more.isEmpty()) {
                    given(registry.leave(vm.name(), more)).ifPresent(restore -> restore(registry, restore));
                }
            }
        }
        return true;
    }

    private static Set<SharedFile> files(List<WantedFile> wanted) {
        return wanted.stream().map(WantedFile::file).collect(Collectors.toSet());
    }

    private void start(Registry registry, FaultyMembers members) {
        // A VM has one name and one UUID wherever it moves.
        String vm = "vm-" + name + "-" + started++;
        List<WantedFile> wanted = wanted(Set.of());
        PairChoice draw = new PairChoice.Drawn(() -> Optional.of(CategoryPair.of(0, 1 + random.nextInt(PAIRS))));
        ClaimRequest request = new ClaimRequest(new VmName(vm), Optional.of(TestFiles.uuid(vm)), draw, wanted);
        acquire(registry, members, request).ifPresent(pair -> storage.use(name, vm, pair, wanted));
    }

    /** A VM of another host comes here. Both have it until one of them ends it: the source if it has moved, else the target. */
    private void move(Registry registry, FaultyMembers members) {
        storage.guestOfOthers(name, random).ifPresent(guest -> {
            String vm = guest.vm();
            ClaimRequest request = new ClaimRequest(
                    new VmName(vm), Optional.of(TestFiles.uuid(vm)), new PairChoice.Moving(), guest.files());
            acquire(registry, members, request).ifPresent(pair -> {
                storage.moved();
                storage.use(name, vm, pair, guest.files());
            });
        });
    }

    /** A running VM takes one more file. */
    private void take(Registry registry, FaultyMembers members, String vm) {
        Running running = journal.get(vm);
        List<WantedFile> more = running == null ? List.of() : wanted(files(running.files()));
        if (running != null && !more.isEmpty()) {
            acquire(
                    registry,
                    members,
                    new ClaimRequest(
                            new VmName(vm),
                            Optional.of(TestFiles.uuid(vm)),
                            new PairChoice.Kept(),
                            more.subList(0, 1)));
        }
    }

    private List<WantedFile> wanted(Set<SharedFile> besides) {
        List<WantedFile> wanted = new ArrayList<>();
        for (WantedFile file : storage.files()) {
            int chance = file.sharing() == Sharing.EXCLUSIVE ? 5 : 2;
            if (random.nextInt(chance) == 0 && !besides.contains(file.file())) {
                wanted.add(file);
            }
        }
        return wanted;
    }

    /** Claim, read, record, journal, label: the order of a start. */
    private Optional<CategoryPair> acquire(Registry registry, FaultyMembers members, ClaimRequest request) {
        return switch (registry.claim(request)) {
            case ClaimOutcome.NotClaimed(Refusal refusal, List<ToRestore> restore) -> {
                if (refusal instanceof Refusal.Unreachable) {
                    unsure.add(request.vm().value());
                }
                restore(registry, restore);
                yield Optional.empty();
            }
            case ClaimOutcome.Claimed(Claim claim) -> {
                members.perhapsDie();
                if (request.pair() instanceof PairChoice.Drawn) {
                    storage.isNowhere(claim.pair());
                }
                claim.joined().forEach((file, joined) -> storage.isOriginal(file, joined.original()));
                Map<SharedFile, Optional<StoredLabel>> read = new HashMap<>();
                for (SharedFile file : claim.unread()) {
                    read.put(file, Optional.of(storage.label(file)));
                    storage.isOriginal(file, read.get(file));
                }
                members.perhapsDie();
                if (registry.originals(claim, read).isPresent()) {
                    Set<SharedFile> files = files(request.files());
                    if (request.pair() instanceof PairChoice.Kept) {
                        given(registry.leave(request.vm(), files)).ifPresent(restore -> restore(registry, restore));
                    } else {
                        leave(registry, request.vm(), files);
                    }
                    yield Optional.empty();
                }
                members.perhapsDie();
                label(members, request, claim.pair());
                yield Optional.of(claim.pair());
            }
        };
    }

    /** The registry has the files on record, so that a service which dies here leaves them to the next. */
    private void label(FaultyMembers members, ClaimRequest request, CategoryPair pair) {
        String vm = request.vm().value();
        for (WantedFile file : request.files()) {
            storage.set(file.file(), file.label().apply(pair).orElseThrow());
            members.perhapsDie();
        }
        List<WantedFile> all = new ArrayList<>(request.files());
        Optional.ofNullable(journal.get(vm)).ifPresent(before -> all.addAll(before.files()));
        journal.put(vm, new Running(pair, all));
    }

    private void stop(Registry registry, FaultyMembers members, String vm) {
        Set<SharedFile> files = Optional.ofNullable(journal.get(vm))
                .map(running -> files(running.files()))
                .orElse(Set.of());
        storage.ended(name, vm);
        members.perhapsDie();
        leave(registry, new VmName(vm), files);
    }

    private void leave(Registry registry, VmName vm, Set<SharedFile> files) {
        journal.remove(vm.value());
        unsure.add(vm.value());
        Optional<List<ToRestore>> left = given(registry.leave(vm, files));
        if (left.isEmpty()) {
            return;
        }
        restore(registry, left.get());
        storage.free(name, vm.value());
        if (registry.end(vm).isEmpty()) {
            unsure.remove(vm.value());
        }
    }

    void restore(Registry registry, List<ToRestore> files) {
        files.forEach(file -> storage.restore(file.file(), file.original(), file.ours()));
        Optional<Refusal> _ = registry.restored(files);
    }

    private <T> Optional<T> given(Answer<T> answer) {
        return switch (answer) {
            case Answer.Given<T>(T value) -> Optional.of(value);
            case Answer.Refused<T> _ -> Optional.empty();
        };
    }
}
