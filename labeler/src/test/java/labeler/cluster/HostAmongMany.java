package labeler.cluster;

import static labeler.registry.TestFiles.base;
import static labeler.registry.TestFiles.disk;
import static labeler.waiting.Eventually.eventually;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import labeler.etcd.Members;
import labeler.mcs.FreePairs;
import labeler.plan.Sharing;
import labeler.registry.Answer;
import labeler.registry.Claim;
import labeler.registry.ClaimOutcome;
import labeler.registry.ClaimRequest;
import labeler.registry.HostName;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.registry.ReservedPair;
import labeler.registry.SharedFile;
import labeler.registry.TestFiles;
import labeler.registry.ToRestore;
import labeler.registry.WantedFile;
import labeler.registry.etcd.ClusterFile;
import labeler.registry.etcd.EtcdRegistry;
import labeler.registry.etcd.FileMemory;
import labeler.registry.etcd.RegistryOver;
import labeler.registry.etcd.Self;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.vm.VmName;

/**
 * One host of many, with the product's own registry, connections and reserve of pairs. What the lifecycle would do with files,
 * this leaves out: it claims, reads a label that is always the same, records it, and gives back.
 */
final class HostAmongMany implements AutoCloseable {
    /** Files that VMs of all hosts read. */
    private static final int BASES = 20;

    /** Disks that VMs of all hosts want now and then. */
    private static final int WANTED_DISKS = 50;

    /** In the product a round of the upkeep frees the pairs of all VMs that have ended since the last one: this part of all. */
    private static final int ROUNDS = 8;

    private final HostName name;
    private final int number;
    private final int vms;
    private final ClusterFile reserved;
    private final FreePairs free;
    private final EtcdRegistry registry;
    private final PairReserve reserve;
    private final RegistryLink link;
    private final Shared shared;
    private final Random random;
    private final List<Running> running = new ArrayList<>();
    private final Set<CategoryPair> pairs = new HashSet<>();
    private final List<Running> ended = new ArrayList<>();
    private int started;

    /** What all hosts have in common. */
    record Shared(HeldPairs held, StartTally tally) {}

    private record Running(VmName vm, CategoryPair pair, List<WantedFile> files) {
        Set<SharedFile> all() {
            return files.stream().map(WantedFile::file).collect(Collectors.toSet());
        }
    }

    /**
     * One that has joined.
     *
     * @param vms that it runs at one time
     * @throws IOException if its directory cannot be used
     */
    HostAmongMany(int number, int vms, Members members, Path directory, FreePairs free, Random random, Shared shared)
            throws IOException {
        this.number = number;
        this.vms = vms;
        this.name = name(number);
        this.free = free;
        this.random = random;
        this.shared = shared;
        this.registry = RegistryOver.of(members, self(number), new FileMemory(directory.resolve("seen")));
        this.reserved = new ClusterFile(directory.resolve("pairs"));
        this.reserve = new PairReserve(directory.resolve("pairs"), free);
        this.link = new RegistryLink(
                name, registry, new OwnClaims("boot"), reserve, () -> new Answer.Given<>(Optional.empty()));
    }

    private static HostName name(int number) {
        return new HostName("host-" + number);
    }

    static Self self(int number) {
        return new Self(name(number), "machine-" + number, "boot");
    }

    void begin() {
        link.begin().ifPresent(HostAmongMany::fail);
    }

    /** Takes all of its reserve in advance, as the upkeep does. */
    void fillReserve() throws IOException {
        eventually("pairs in reserve", () -> {
            reserve.refill(link, this::isTakenHere);
            return reserved.lines().size() >= PairReserve.SIZE;
        });
        for (String line : reserved.lines()) {
            int space = line.indexOf(' ');
            VmName vm = ReservedPair.name(Integer.parseInt(line.substring(0, space)));
            CategoryPair pair =
                    Level.parse("s0:" + line.substring(space + 1)).orElseThrow().pair();
            shared.held().take(pair, who(vm));
        }
    }

    private String who(VmName vm) {
        return name + "/" + vm;
    }

    private boolean isTakenHere(CategoryPair pair) {
        return pairs.contains(pair);
    }

    /** Starts one more VM, or ends one if it has all that it runs. One thread at a time. */
    void step() {
        if (running.size() < vms) {
            start();
        } else {
            stop(running.get(random.nextInt(running.size())));
        }
    }

    private void start() {
        VmName vm = new VmName("vm-" + started++);
        List<WantedFile> files = wanted();
        AtomicInteger draws = new AtomicInteger();
        PairChoice choice = new PairChoice.Drawn(() -> {
            int _ = draws.incrementAndGet();
            return free.draw(this::isTakenHere);
        });
        ClaimRequest request = new ClaimRequest(vm, Optional.of(TestFiles.uuid(name + "/" + vm)), choice, files);
        switch (registry.claim(request)) {
            case ClaimOutcome.Claimed(Claim claim) -> claimed(new Running(vm, claim.pair(), files), claim);
            case ClaimOutcome.NotClaimed(Refusal refusal, List<ToRestore> restore) -> {
                restored(restore).ifPresent(this::refused);
                refused(refusal);
            }
        }
        shared.tally().drawnAgain(draws.get() - 1);
    }

    private void claimed(Running vm, Claim claim) {
        take(vm);
        Optional<Refusal> refusal = registry.originals(claim, TestFiles.read(claim, TestFiles.ORIGINAL));
        if (refusal.isPresent()) {
            refused(refusal.get());
            stop(vm);
        }
    }

    private void take(Running vm) {
        shared.tally().started();
        running.add(vm);
        pairs.add(vm.pair());
        shared.held().take(vm.pair(), who(vm.vm()));
        exclusive(vm).forEach(file -> shared.held().write(file, who(vm.vm())));
    }

    private static List<SharedFile> exclusive(Running vm) {
        return vm.files().stream()
                .filter(file -> file.sharing() == Sharing.EXCLUSIVE)
                .map(WantedFile::file)
                .toList();
    }

    /** A disk of its own or, of one in twenty, one that others want as well; and often a base of all hosts. */
    private List<WantedFile> wanted() {
        List<WantedFile> files = new ArrayList<>();
        files.add(
                random.nextInt(20) == 0
                        ? disk(BASES + random.nextInt(WANTED_DISKS))
                        : disk(BASES + WANTED_DISKS + number * 1_000_000 + started));
        if (random.nextBoolean()) {
            files.add(base(random.nextInt(BASES)));
        }
        return files;
    }

    /** Only a word of the registry's own about a disk, or no answer in time, may keep a VM from its start. */
    private void refused(Refusal refusal) {
        shared.tally().refused(refusal);
        if (refusal instanceof Refusal.ShutOut) {
            fail(refusal);
        }
    }

    /** It stays where an answer is missing, and ends another time: each question may be repeated. */
    private void stop(Running vm) {
        switch (registry.leave(vm.vm(), vm.all())) {
            case Answer.Refused<List<ToRestore>>(Refusal refusal) -> refused(refusal);
            case Answer.Given<List<ToRestore>>(List<ToRestore> restore) -> {
                // Before the registry hears that they went back: until then nobody joins them.
                exclusive(vm).forEach(file -> shared.held().writeNoMore(file, who(vm.vm())));
                Optional<Refusal> refusal = restored(restore).or(() -> registry.end(vm.vm()));
                refusal.ifPresent(this::refused);
                if (refusal.isEmpty()) {
                    running.remove(vm);
                    ended.add(vm);
                    shared.tally().ended();
                }
            }
        }
        if (ended.size() * ROUNDS >= vms) {
            boolean _ = settle();
        }
    }

    private Optional<Refusal> restored(List<ToRestore> files) {
        return files.isEmpty() ? Optional.empty() : registry.restored(files);
    }

    /** From here on others may have the pairs of those that have ended. Answers whether the registry has freed them. */
    private boolean settle() {
        for (Running vm : ended) {
            pairs.remove(vm.pair());
            shared.held().free(vm.pair(), who(vm.vm()));
        }
        ended.clear();
        return switch (registry.settle(Set.of())) {
            case Answer.Refused<List<ToRestore>>(Refusal refusal) -> {
                refused(refusal);
                yield false;
            }
            case Answer.Given<List<ToRestore>>(List<ToRestore> restore) -> {
                restored(restore).ifPresent(this::refused);
                yield restore.isEmpty();
            }
        };
    }

    /** Nothing is left under way: the registry has what runs, and what is in reserve. */
    void rest() {
        eventually("all is settled on " + name, this::settle);
    }

    void stopAll() {
        eventually("all VMs of " + name + " have ended", () -> {
            if (!running.isEmpty()) {
                stop(running.getLast());
            }
            return running.isEmpty();
        });
        rest();
    }

    private static void fail(Refusal refusal) {
        throw new AssertionError(refusal.message());
    }

    @Override
    public void close() {
        registry.close();
    }
}
