package labeler.cluster;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import labeler.registry.ClaimId;
import labeler.registry.Mine;
import labeler.registry.ReservedPair;
import labeler.registry.SharedFile;
import labeler.registry.ToRestore;
import labeler.selinux.CategoryPair;
import labeler.vm.VmName;

/** The claims of this host in the registry, as far as the service knows them. Nothing here asks over the network. */
final class OwnClaims {
    /** An answer is late by seconds, and a host ends hundreds of turns in that time. */
    private static final int MOST_TURNS = 10_000;

    /** A fencing takes a person, or an agent that has waited for a silent host. A file is given back in much less. */
    private static final long LONGEST_TRUST = TimeUnit.SECONDS.toNanos(2);

    private final Map<VmName, Set<SharedFile>> held = new HashMap<>();
    private final Map<SharedFile, ToRestore> restoring = new HashMap<>();

    /** Files that this host has left, and that others held at that time. */
    private final Set<SharedFile> leftToOthers = new HashSet<>();

    /** The file of each local record that goes back. */
    private final Map<Long, SharedFile> records = new HashMap<>();

    /** VMs that have claims, or are about to have some, which are not on the local record yet. */
    private final PendingClaims pendingClaims = new PendingClaims();

    /** The VMs as the registry had them when it was asked for everything. */
    private final Map<VmName, Mine.HostedVm> asRead = new HashMap<>();

    /** VMs that the journal has or had since this service began: it knows when their processes end. */
    private final Set<VmName> explained = new HashSet<>();

    private final String bootId;

    /** Turns that are over, or that a VM of this host has ended. An answer that names one has come late. */
    private final LinkedHashSet<ClaimId> over = new LinkedHashSet<>();

    /** The files that VMs have claimed since the registry was asked for everything. */
    private final Map<VmName, Set<SharedFile>> since = new HashMap<>();

    /** When the registry said last that a file is this host's to give back. */
    private final Map<SharedFile, Long> toldAt = new HashMap<>();

    /** Files of VMs here that another host has taken over, as far as this one knows: it may have left them since. */
    private final Set<SharedFile> lost = new HashSet<>();

    private final LongSupplier nanoTime;
    private boolean hasNews;

    /** @param bootId of this boot: no VM of an earlier one has a process */
    OwnClaims(String bootId) {
        this(bootId, System::nanoTime);
    }

    /** With another clock than this machine's. */
    OwnClaims(String bootId, LongSupplier nanoTime) {
        this.bootId = bootId;
        this.nanoTime = nanoTime;
    }

    /** The registry is asked for everything. */
    synchronized void asksForAll() {
        since.clear();
    }

    /** Replaces everything that an earlier session knew. */
    synchronized void begin(Mine mine) {
        held.clear();
        restoring.clear();
        toldAt.clear();
        // The others may have left as well, or may not be known any more.
        leftToOthers.clear();
        asRead.clear();
        mine.vms().forEach(vm -> asRead.put(vm.name(), vm));
        mine.vms().forEach(vm -> held.put(vm.name(), new HashSet<>(vm.files())));
        since.forEach(
                (vm, files) -> held.computeIfAbsent(vm, _ -> new HashSet<>()).addAll(files));
        pendingClaims.areHeld(held);
        lost.clear();
        lost.addAll(mine.lost());
        since.values().forEach(lost::removeAll);
        restore(mine.restoring());
        hasNews = true;
    }

    PendingClaims pendingClaims() {
        return pendingClaims;
    }

    /** Whether the VM starts. */
    boolean isUnderWay(VmName vm) {
        return pendingClaims.isUnderWay(vm);
    }

    /** Whether the VM may have more files than the local record says. */
    boolean mayHaveMore(VmName vm) {
        return pendingClaims.mayHaveMore(vm);
    }

    /** These are in the journal. */
    synchronized void explain(Collection<VmName> vms) {
        explained.addAll(vms);
    }

    /** A VM that the registry had when it was read, and the journal has not: nobody knows whether its process has ended. */
    synchronized Optional<Mine.HostedVm> unexplained(VmName vm) {
        return Optional.ofNullable(asRead.get(vm)).filter(one -> !explained.contains(vm) && mayRun(one));
    }

    /** A pair that was taken in advance, in whatever boot, may have a VM of this one. */
    private boolean mayRun(Mine.HostedVm vm) {
        return vm.bootId().equals(bootId) || ReservedPair.is(vm.name());
    }

    /** The pair at which the registry has a VM that it had when it was read; empty for one that was claimed since. */
    synchronized Optional<CategoryPair> pairAsRead(VmName vm) {
        return Optional.ofNullable(asRead.get(vm)).map(Mine.HostedVm::pair);
    }

    /** These are held by the VM. Answers those among them that were about to go back. */
    synchronized Set<SharedFile> claimed(VmName vm, Collection<SharedFile> files) {
        held.computeIfAbsent(vm, _ -> new HashSet<>()).addAll(files);
        since.computeIfAbsent(vm, _ -> new HashSet<>()).addAll(files);
        leftToOthers.removeAll(files);
        lost.removeAll(files);
        Set<SharedFile> wereGoingBack = new HashSet<>(restoring.keySet());
        wereGoingBack.retainAll(files);
        wereGoingBack.forEach(
                file -> Optional.ofNullable(restoring.remove(file)).ifPresent(this::forget));
        return wereGoingBack;
    }

    /**
     * These are held by the VM no more.
     *
     * @param restore the files of which this host was the last
     */
    synchronized void left(VmName vm, Collection<SharedFile> files, List<ToRestore> restore) {
        Set<SharedFile> mine = held.getOrDefault(vm, new HashSet<>());
        mine.removeAll(files);
        since.getOrDefault(vm, new HashSet<>()).removeAll(files);
        restore(restore);
        files.stream()
                .filter(file -> !restoring.containsKey(file) && users(file).isEmpty())
                .forEach(leftToOthers::add);
    }

    /** These are held by the VM no more, and whoever holds them gives them back. */
    synchronized void dropped(VmName vm, Collection<SharedFile> files) {
        held.getOrDefault(vm, new HashSet<>()).removeAll(files);
        since.getOrDefault(vm, new HashSet<>()).removeAll(files);
    }

    synchronized void restore(Collection<ToRestore> restore) {
        restore.stream().filter(one -> !over.contains(one.turn())).forEach(one -> {
            hasNews |= !one.equals(restoring.put(one.file(), one));
            toldAt.put(one.file(), nanoTime.getAsLong());
            leftToOthers.remove(one.file());
        });
    }

    /** Whether so much time has passed that this host may have been fenced, and the file be another one's. */
    synchronized boolean isOldNews(ToRestore one) {
        Long told = toldAt.get(one.file());
        return told == null || nanoTime.getAsLong() - told > LONGEST_TRUST;
    }

    /** The registry has just said so again. */
    synchronized void confirm(ToRestore one) {
        if (one.equals(restoring.get(one.file()))) {
            toldAt.put(one.file(), nanoTime.getAsLong());
        }
    }

    /** By then another host may have the file: its label must not go back once more. */
    private void forget(ToRestore one) {
        over.add(one.turn());
        toldAt.remove(one.file());
        if (over.size() > MOST_TURNS) {
            over.removeFirst();
        }
    }

    /** Whether more files go back since the last call. A second call answers false. */
    synchronized boolean takeNews() {
        boolean before = hasNews;
        hasNews = false;
        return before;
    }

    synchronized void ended(VmName vm) {
        held.remove(vm);
        since.remove(vm);
        asRead.remove(vm);
        explained.remove(vm);
    }

    synchronized Set<VmName> vms() {
        return Set.copyOf(held.keySet());
    }

    synchronized boolean has(VmName vm) {
        return held.containsKey(vm);
    }

    synchronized Set<SharedFile> files(VmName vm) {
        return Set.copyOf(held.getOrDefault(vm, Set.of()));
    }

    /** The files of a VM that this host holds: one that it has lost is not among them. */
    synchronized Set<SharedFile> heldFiles(VmName vm) {
        Set<SharedFile> files = new HashSet<>(files(vm));
        files.removeAll(lost);
        return files;
    }

    synchronized Set<VmName> users(SharedFile file) {
        Set<VmName> users = new HashSet<>();
        held.forEach((vm, files) -> {
            if (files.contains(file)) {
                users.add(vm);
            }
        });
        return users;
    }

    /** Others have the file, and this host has nothing to do with it. */
    synchronized void leaveToOthers(SharedFile file) {
        leftToOthers.add(file);
    }

    synchronized boolean isLeftToOthers(SharedFile file) {
        return leftToOthers.contains(file);
    }

    synchronized Optional<ToRestore> restoring(SharedFile file) {
        return Optional.ofNullable(restoring.get(file));
    }

    synchronized List<ToRestore> restoring() {
        return List.copyOf(restoring.values());
    }

    /** The label of this record's file goes back. */
    synchronized void goesBack(long record, SharedFile file) {
        records.put(record, file);
    }

    synchronized Optional<SharedFile> file(long record) {
        return Optional.ofNullable(records.get(record));
    }

    synchronized void restored(Collection<ToRestore> files) {
        files.forEach(one -> {
            restoring.remove(one.file(), one);
            forget(one);
        });
    }

    synchronized void forget(long record) {
        records.remove(record);
    }
}
