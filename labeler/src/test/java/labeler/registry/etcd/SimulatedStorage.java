package labeler.registry.etcd;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
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
    private final Map<CategoryPair, Users> pairs = new ConcurrentHashMap<>();
    private final Map<SharedFile, Users> writers = new ConcurrentHashMap<>();
    private final Map<String, Guest> guests = new ConcurrentHashMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicLong uses = new AtomicLong();
    private final AtomicLong moves = new AtomicLong();
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

    /** The hosts on which a VM has something. While it moves, it is on two of them. */
    private record Users(String vm, Set<HostName> hosts) {}

    /** A VM that runs. */
    record Guest(String vm, Set<HostName> hosts, List<WantedFile> files) {
        private boolean mayCome(HostName host) {
            return !hosts.contains(host) && files.stream().anyMatch(file -> file.sharing() == Sharing.EXCLUSIVE);
        }
    }

    List<WantedFile> files() {
        return files;
    }

    /** Any VM of another host that has a disk, by which its new host finds it. */
    Optional<Guest> guestOfOthers(HostName host, Random random) {
        List<Guest> all =
                guests.values().stream().filter(guest -> guest.mayCome(host)).toList();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
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

    /** A process runs with this pair, and uses these files. VMs have one name on all hosts. */
    void use(HostName host, String vm, CategoryPair pair, List<WantedFile> used) {
        String who = host + "/" + vm;
        String owner = joined(pairs, pair, host, vm);
        check(owner.equals(vm), "pair " + pair + " of " + who + " is " + owner + "'s");
        for (WantedFile file : used) {
            uses.incrementAndGet();
            Optional<StoredLabel> expected = file.label().apply(pair);
            check(
                    expected.equals(Optional.of(label(file.file()))),
                    who + " finds " + label(file.file()) + " on " + file.path() + " in place of " + expected);
            if (file.sharing() == Sharing.EXCLUSIVE) {
                String writer = joined(writers, file.file(), host, vm);
                check(writer.equals(vm), file.path() + " of " + who + " is written by " + writer);
            }
        }
        guests.compute(
                vm,
                (_, guest) -> new Guest(vm, with(guest == null ? Set.of() : guest.hosts(), host), List.copyOf(used)));
    }

    /** The VM whose it is: this one, unless another one has it. */
    private static <T> String joined(Map<T, Users> all, T what, HostName host, String vm) {
        return all.compute(
                        what,
                        (_, users) -> users == null || users.vm().equals(vm)
                                ? new Users(vm, with(users == null ? Set.of() : users.hosts(), host))
                                : users)
                .vm();
    }

    private static Set<HostName> with(Set<HostName> hosts, HostName host) {
        Set<HostName> all = new HashSet<>(hosts);
        all.add(host);
        return Set.copyOf(all);
    }

    private static Set<HostName> without(Set<HostName> hosts, HostName host) {
        Set<HostName> all = new HashSet<>(hosts);
        all.remove(host);
        return Set.copyOf(all);
    }

    /** What VMs have on this host, they have no more. */
    private static <T> void left(Map<T, Users> all, HostName host, Predicate<String> vms) {
        all.replaceAll(
                (_, users) -> vms.test(users.vm()) ? new Users(users.vm(), without(users.hosts(), host)) : users);
        all.values().removeIf(users -> users.hosts().isEmpty());
    }

    private void ended(HostName host, Predicate<String> vms) {
        left(writers, host, vms);
        guests.replaceAll(
                (vm, guest) -> vms.test(vm) ? new Guest(vm, without(guest.hosts(), host), guest.files()) : guest);
        guests.values().removeIf(guest -> guest.hosts().isEmpty());
    }

    /** The process has ended. Its pair may still be on disk. */
    void ended(HostName host, String vm) {
        ended(host, vm::equals);
    }

    /** Nothing carries the pair any more, as far as this host is concerned. */
    void free(HostName host, String vm) {
        left(pairs, host, vm::equals);
    }

    /** A host is off: none of its processes runs. */
    void off(HostName host) {
        ended(host, _ -> true);
        left(pairs, host, _ -> true);
    }

    /** A VM has come to another host. */
    void moved() {
        moves.incrementAndGet();
    }

    long moves() {
        return moves.get();
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
