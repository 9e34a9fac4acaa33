package labeler.registry.etcd;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import labeler.plan.Sharing;
import labeler.registry.HostName;
import labeler.registry.SharedFile;
import labeler.registry.TestFiles;
import labeler.registry.WantedFile;
import labeler.selinux.CategoryPair;
import labeler.selinux.StoredLabel;

/** Files that all hosts of a test mount, with their labels, and a judge of what the hosts do with them. */
final class SimulatedStorage {
    private final Map<SharedFile, StoredLabel> originals = new ConcurrentHashMap<>();
    private final Map<SharedFile, StoredLabel> labels = new ConcurrentHashMap<>();
    private final Map<CategoryPair, String> pairs = new ConcurrentHashMap<>();
    private final Map<SharedFile, String> writers = new ConcurrentHashMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicLong uses = new AtomicLong();
    private final List<WantedFile> files;

    /** @param files with numbers below this */
    SimulatedStorage(List<WantedFile> files) {
        this.files = List.copyOf(files);
        for (WantedFile file : files) {
            StoredLabel original = TestFiles.label(
                    "system_u:object_r:was_" + Math.floorMod(file.path().hashCode(), 7) + "_t:s0");
            originals.put(file.file(), original);
            labels.put(file.file(), original);
        }
    }

    List<WantedFile> files() {
        return files;
    }

    StoredLabel label(SharedFile file) {
        return labels.getOrDefault(file, TestFiles.ORIGINAL);
    }

    void set(SharedFile file, StoredLabel label) {
        labels.put(file, label);
    }

    /** Gives back, if the label is one of ours; any other was set by somebody else. */
    void restore(SharedFile file, Optional<StoredLabel> original, Set<StoredLabel> ours) {
        check(original.equals(Optional.ofNullable(originals.get(file))), file + " goes back to " + original);
        check(
                ours.contains(label(file)) || original.equals(Optional.of(label(file))),
                file + " has the foreign label " + label(file) + " where " + ours + " was expected");
        labels.put(file, original.orElseThrow());
    }

    /** The label that a host takes for the earlier one. */
    void isOriginal(SharedFile file, Optional<StoredLabel> original) {
        check(
                original.equals(Optional.ofNullable(originals.get(file))),
                original + " was taken for the earlier label of " + file);
    }

    /** A pair that was just claimed is on no file. */
    void isNowhere(CategoryPair pair) {
        labels.forEach((file, label) -> check(
                label.level().filter(level -> level.pair().equals(pair)).isEmpty(),
                file + " carries " + pair + ", which a new VM has got"));
    }

    /** A process runs with this pair, and uses these files. */
    void use(HostName host, String vm, CategoryPair pair, List<WantedFile> used) {
        String who = host + "/" + vm;
        check(
                Optional.ofNullable(pairs.putIfAbsent(pair, who))
                        .filter(owner -> !owner.equals(who))
                        .isEmpty(),
                "pair " + pair + " of " + who + " is " + pairs.get(pair) + "'s");
        for (WantedFile file : used) {
            uses.incrementAndGet();
            Optional<StoredLabel> expected = file.label().apply(pair);
            check(
                    expected.equals(Optional.of(label(file.file()))),
                    who + " finds " + label(file.file()) + " on " + file.path() + " in place of " + expected);
            if (file.sharing() == Sharing.EXCLUSIVE) {
                check(
                        Optional.ofNullable(writers.putIfAbsent(file.file(), who))
                                .filter(owner -> !owner.equals(who))
                                .isEmpty(),
                        file.path() + " of " + who + " is written by " + writers.get(file.file()));
            }
        }
    }

    /** The process has ended. Its pair may still be on disk. */
    void ended(HostName host, String vm) {
        writers.values().removeIf((host + "/" + vm)::equals);
    }

    /** Nothing carries the pair any more. */
    void free(HostName host, String vm) {
        pairs.values().removeIf((host + "/" + vm)::equals);
    }

    /** A host is off: none of its processes runs. */
    void off(HostName host) {
        writers.values().removeIf(who -> who.startsWith(host + "/"));
        pairs.values().removeIf(who -> who.startsWith(host + "/"));
    }

    void check(boolean isRight, String otherwise) {
        if (!isRight) {
            wrong.add(otherwise);
        }
    }

    long uses() {
        return uses.get();
    }

    /** All that was wrong, and the labels that are not back. */
    List<String> audit() {
        Set<String> all = new HashSet<>(wrong);
        originals.forEach((file, original) -> {
            if (!original.equals(label(file))) {
                all.add(file + " was left with " + label(file) + " in place of " + original);
            }
        });
        return all.stream().sorted().toList();
    }
}
