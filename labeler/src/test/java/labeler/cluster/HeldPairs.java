package labeler.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import labeler.etcd.KeyRange;
import labeler.etcd.Members;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.json.Json.JsonObject;
import labeler.mcs.CategoryRange;
import labeler.registry.SharedFile;
import labeler.registry.etcd.value.Entries;
import labeler.registry.etcd.value.Keys;
import labeler.registry.etcd.value.PairEntry;
import labeler.registry.etcd.value.RefusedException;
import labeler.selinux.Category;
import labeler.selinux.CategoryPair;

/**
 * Who has which pair and which disk, as the hosts of a test say themselves when they get it and before they give it back. The
 * registry has no part in that: a pair that two have at one time is noticed here, whatever the registry believes.
 */
final class HeldPairs {
    private final Map<CategoryPair, String> owners = new ConcurrentHashMap<>();
    private final Map<SharedFile, String> writers = new ConcurrentHashMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    /** A VM has got this pair, or a host has it in reserve. */
    void take(CategoryPair pair, String who) {
        Optional.ofNullable(owners.putIfAbsent(pair, who))
                .ifPresent(before -> wrong.add("pair " + pair + " of " + who + " is " + before + "'s"));
    }

    /** It is about to go back: from now on another one may have it. */
    void free(CategoryPair pair, String who) {
        if (!owners.remove(pair, who)) {
            wrong.add("pair " + pair + " that " + who + " gives back is " + owners.get(pair) + "'s");
        }
    }

    /** A VM may write this file alone. */
    void write(SharedFile file, String who) {
        Optional.ofNullable(writers.putIfAbsent(file, who))
                .ifPresent(before -> wrong.add(file + " of " + who + " is written by " + before));
    }

    /** The same may be said twice. */
    void writeNoMore(SharedFile file, String who) {
        boolean _ = writers.remove(file, who);
    }

    int count() {
        return owners.size();
    }

    /** All that was wrong until now. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    /** The differences to what the registry has of pairs of a range: of each the same owner. No start or end is under way. */
    List<String> differences(Members members, CategoryRange range) throws RefusedException {
        List<String> differences = new ArrayList<>();
        Map<CategoryPair, String> recorded = new ConcurrentHashMap<>();
        // Never all at once: an answer has a limit.
        for (int low = range.low().number(); low < range.high().number(); low++) {
            recorded.putAll(recorded(members, low));
        }
        for (CategoryPair pair : union(recorded)) {
            String here = owners.getOrDefault(pair, "nobody");
            String there = recorded.getOrDefault(pair, "nobody");
            if (!here.equals(there)) {
                differences.add("pair " + pair + " is " + here + "'s, and the registry has it for " + there);
            }
        }
        return differences;
    }

    private Iterable<CategoryPair> union(Map<CategoryPair, String> recorded) {
        Set<CategoryPair> all = new HashSet<>(owners.keySet());
        all.addAll(recorded.keySet());
        return List.copyOf(all);
    }

    /** The pairs of this lower category, with their owners. */
    private static Map<CategoryPair, String> recorded(Members members, int low) throws RefusedException {
        Entries entries = new Entries();
        // Up to the character after the comma, which is no part of a category.
        String begin = Keys.STANDARD.pairs() + "c" + low;
        KeyRange range = new KeyRange(begin + ",", begin + "-");
        Result result = read(members, range);
        Map<CategoryPair, String> recorded = new HashMap<>();
        for (int high = low + 1; high <= Category.MAXIMUM; high++) {
            CategoryPair pair = CategoryPair.of(low, high);
            Optional<PairEntry> entry = entries.read(PairEntry.class, Keys.STANDARD.pair(pair), result);
            entry.ifPresent(one -> recorded.put(pair, one.host() + "/" + one.vm()));
        }
        return recorded;
    }

    /** The files that the registry has on record: none when every VM has ended. */
    static List<String> files(Members members) {
        KeyRange range = KeyRange.below(Keys.STANDARD.files());
        return List.copyOf(new TreeSet<>(read(members, range).keys()));
    }

    private static Result read(Members members, KeyRange range) {
        Transaction reading = Transaction.reading(List.of(new Transaction.ReadAll(range)));
        return switch (members.ask("/v3/kv/txn", reading.json())) {
            case Members.Answered(JsonObject json) -> Result.of(json).orElseThrow();
            case Members.Rejected(String why) -> throw new AssertionError(why);
            case Members.Lost(String why) -> throw new AssertionError(why);
        };
    }
}
