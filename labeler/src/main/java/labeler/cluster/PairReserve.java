package labeler.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.mcs.FreePairs;
import labeler.registry.Claim;
import labeler.registry.ClaimOutcome;
import labeler.registry.ClaimRequest;
import labeler.registry.Mine;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.registry.ReservedPair;
import labeler.registry.etcd.ClusterFile;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pairs that this host has taken in advance. A VM that shares no file has one of them and never touches the registry, so it
 * starts while the registry is away. In the registry each of them is a VM without files. The host keeps them for good.
 */
final class PairReserve {
    private static final Logger LOG = LoggerFactory.getLogger(PairReserve.class);

    static final int SIZE = 256;

    /** Pairs are kept for good, also those that a setting of before had in its range: three such changes have room. */
    private static final int MOST_NUMBERS = 4 * SIZE;

    private static final Pattern LINE = Pattern.compile("([0-9]{1,6}) (\\S+)");

    private final ClusterFile file;
    private final FreePairs free;
    private final Map<Integer, CategoryPair> pairs = new TreeMap<>();

    /** Pairs that this host had, and that the registry does not know. */
    private final Map<Integer, CategoryPair> lost = new TreeMap<>();

    /** Pairs of VMs that are about to start. */
    private final Set<CategoryPair> picked = new HashSet<>();

    /** @throws IOException if the pairs that an earlier service took cannot be read */
    PairReserve(Path file, FreePairs free) throws IOException {
        this.file = new ClusterFile(file);
        this.free = free;
        for (String line : this.file.lines()) {
            Matcher matcher = LINE.matcher(line);
            Optional<CategoryPair> pair =
                    matcher.matches() ? Level.parse("s0:" + matcher.group(2)).map(Level::pair) : Optional.empty();
            if (pair.isEmpty()) {
                throw new IOException(file + " is damaged; remove it if this host's registry answers");
            }
            pairs.put(Integer.parseInt(matcher.group(1)), pair.get());
        }
    }

    /** The registry knows best. */
    synchronized void begin(Mine mine) {
        lost.clear();
        lost.putAll(pairs);
        pairs.clear();
        mine.vms().forEach(vm -> ReservedPair.number(vm.name()).ifPresent(number -> pairs.put(number, vm.pair())));
        lost.keySet().removeAll(pairs.keySet());
        save();
    }

    /**
     * Takes pairs back that the registry does not have any more: VMs of this host may run at them.
     *
     * @return why that cannot be told
     */
    Optional<Refusal> reclaim(RegistryLink link) {
        for (Map.Entry<Integer, CategoryPair> one : lost().entrySet()) {
            PairChoice given = new PairChoice.Given(one.getValue());
            Optional<Refusal> refusal = claim(link, one.getKey(), given);
            if (refusal.isPresent() && !(refusal.get() instanceof Refusal.PairTaken)) {
                return refusal;
            }
            isNotLost(one.getKey());
        }
        return Optional.empty();
    }

    private synchronized Map<Integer, CategoryPair> lost() {
        return Map.copyOf(lost);
    }

    private synchronized void isNotLost(int number) {
        lost.remove(number);
    }

    /** Draws a pair that this host has not. */
    PairChoice drawn(Predicate<CategoryPair> isTakenHere) {
        return new PairChoice.Drawn(() -> free.draw(pair -> has(pair) || isTakenHere.test(pair)));
    }

    private void save() {
        file.write(pairs.entrySet().stream()
                .map(pair -> pair.getKey() + " " + pair.getValue())
                .toList());
    }

    synchronized boolean has(CategoryPair pair) {
        return pairs.containsValue(pair);
    }

    /** The name under which the registry has this pair of this host's. */
    synchronized Optional<VmName> name(CategoryPair pair) {
        return pairs.entrySet().stream()
                .filter(entry -> entry.getValue().equals(pair))
                .map(entry -> ReservedPair.name(entry.getKey()))
                .findFirst();
    }

    /** Any of the names; empty if this host has none yet. */
    synchronized Optional<VmName> anyName() {
        return pairs.keySet().stream().map(ReservedPair::name).findFirst();
    }

    /** A pair for a VM; {@link #putBack} once it is on record, or has failed. */
    synchronized Optional<CategoryPair> pick(Predicate<CategoryPair> isFree) {
        List<CategoryPair> shuffled = new ArrayList<>(pairs.values());
        Collections.shuffle(shuffled);
        Optional<CategoryPair> pair = shuffled.stream()
                .filter(one -> !picked.contains(one))
                .filter(isFree)
                .findFirst();
        pair.ifPresent(picked::add);
        return pair;
    }

    synchronized void putBack(CategoryPair pair) {
        picked.remove(pair);
    }

    /** Takes as many pairs of the range as are missing. */
    void refill(RegistryLink link, Predicate<CategoryPair> isTakenHere) {
        for (int number = 0; number < MOST_NUMBERS && ofRange() < SIZE; number++) {
            if (isMissing(number) && !take(link, number, isTakenHere)) {
                return;
            }
        }
    }

    private synchronized long ofRange() {
        return pairs.values().stream().filter(free.range()::contains).count();
    }

    private synchronized boolean isMissing(int number) {
        return !pairs.containsKey(number);
    }

    private boolean take(RegistryLink link, int number, Predicate<CategoryPair> isTakenHere) {
        Optional<Refusal> refusal = claim(link, number, drawn(isTakenHere));
        refusal.ifPresent(one -> {
            link.note(one);
            LOG.info("this host has {} pairs in reserve: {}", size(), one.message());
        });
        return refusal.isEmpty();
    }

    private Optional<Refusal> claim(RegistryLink link, int number, PairChoice choice) {
        ClaimRequest request = new ClaimRequest(ReservedPair.name(number), Optional.empty(), choice, List.of());
        return switch (link.registry().claim(request)) {
            case ClaimOutcome.Claimed(Claim claim) -> {
                synchronized (this) {
                    pairs.put(number, claim.pair());
                    save();
                }
                yield Optional.empty();
            }
            case ClaimOutcome.NotClaimed(Refusal refusal, var _) -> Optional.of(refusal);
        };
    }

    /**
     * Takes the pair of a VM that runs here, and that the registry has at another one, for this host for good.
     *
     * @return why that is not possible
     */
    Optional<Refusal> keep(RegistryLink link, CategoryPair pair) {
        for (int number = 0; number < MOST_NUMBERS; number++) {
            if (isMissing(number)) {
                return claim(link, number, new PairChoice.Given(pair));
            }
        }
        return Optional.of(new Refusal.NoFreePair());
    }

    private synchronized int size() {
        return pairs.size();
    }
}
