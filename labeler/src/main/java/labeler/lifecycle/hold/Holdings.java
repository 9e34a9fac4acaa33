package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import labeler.journal.CommonValues;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.lifecycle.plan.ReservedPairs;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.Processes;
import labeler.plan.HeldFile;
import labeler.plan.HeldFiles;
import labeler.plan.Treatment;
import labeler.selinux.CategoryPair;
import labeler.selinux.StoredLabel;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.VmName;

/**
 * The journal's content in memory, with the questions of starts and stops. Changes need the lock. Reading does not: a
 * reader sees the state before or after a change.
 */
public final class Holdings implements HeldFiles, ReservedPairs {
    private final Map<String, VmRecord> vms = new TreeMap<>();
    private final FileRecords files = new FileRecords();
    private final Map<Long, Set<VmName>> holders = new HashMap<>();
    private final UnheldFiles unheld = new UnheldFiles();

    /** Records of the roots of trees; numbers of records that are gone do no harm. */
    private final Set<Long> trees = new HashSet<>();

    private final Leavers leavers = new Leavers();
    private final HeldNodes nodes = new HeldNodes();
    private final PairCount pairs = new PairCount();
    private final CommonValues common;
    private final String bootId;
    private long lastId;

    /** Counts VMs as they come on record. */
    private final Map<VmName, Long> runs = new HashMap<>();

    private long lastRun;

    @Inject
    Holdings(Journal journal, Processes processes) throws JournalException, LinuxException {
        this.bootId = processes.bootId();
        Journal.Recorded recorded = journal.load();
        this.common = recorded.common();
        recorded.files().forEach(this::add);
        recorded.vms().forEach(this::add);
    }

    /** The id of this boot. */
    public String bootId() {
        return bootId;
    }

    public synchronized Optional<VmRecord> vm(VmName name) {
        return Optional.ofNullable(vms.get(name.value()));
    }

    /** The number of the run that is on record; 0 if there is none. A VM of the same name has another one later. */
    public synchronized long run(VmName name) {
        return runs.getOrDefault(name, 0L);
    }

    /** The VM if this run of it is on record. */
    public synchronized Optional<VmRecord> vm(VmName name, long run) {
        return run(name) == run ? vm(name) : Optional.empty();
    }

    /** By name. */
    public synchronized List<VmRecord> vms() {
        return List.copyOf(vms.values());
    }

    public synchronized Optional<FileRecord> file(long id) {
        return files.get(id);
    }

    /**
     * The record of this very file. Device numbers may have been exchanged in a reboot. Then a record counts for this
     * file only if nothing but the number could tell.
     */
    public synchronized Optional<FileRecord> file(FileIdentity identity) {
        return files.newest(identity)
                .filter(file -> file.bootId().equals(bootId)
                        || identity.birth().isEmpty()
                        || !holders(file.id()).isEmpty());
    }

    /** Whether another record belongs to the file that was found in the place of the file with this number. */
    public synchronized boolean isOnRecord(FileIdentity identity, long otherThan) {
        return files.newest(identity).filter(file -> file.id() != otherThan).isPresent();
    }

    /**
     * The latest record of the same inode and birth time under another device, or of another boot. It describes this
     * file if the file system came back under another number. It describes the original if this file was copied with
     * its whole file system. Either tells the meaning of a label of ours here. The record stays until its own file is
     * settled.
     */
    public synchronized Optional<FileRecord> kin(FileIdentity identity) {
        return files.newestAlike(identity);
    }

    /** All records that may belong to this file, including those of its copies; its own latest one first. */
    synchronized List<FileRecord> alike(FileIdentity identity) {
        return files.alike(identity);
    }

    @Override
    public synchronized Optional<HeldFile> find(FileIdentity identity) {
        return file(identity)
                .map(file -> held(file, List.copyOf(holders(file.id()))))
                // A holder of its kin does not hold this file: a file system cannot go while one of its files is held.
                .or(() -> kin(identity).map(file -> held(file, List.of())));
    }

    HeldFile held(FileRecord file, List<VmName> by) {
        return new HeldFile(file.sharing(), by, file.original(), file.ours(bootId));
    }

    /** The block devices of files on record. */
    public HeldNodes nodes() {
        return nodes;
    }

    /** The records of files that VMs have. */
    synchronized List<FileRecord> held() {
        return files.all().stream().filter(this::isHeld).toList();
    }

    @Override
    public synchronized List<HeldFile> otherNodes(long device, FileIdentity node) {
        return nodes.others(this, device, node);
    }

    /** Whether a VM has this very file. */
    synchronized boolean isHeld(FileIdentity identity) {
        return file(identity).filter(this::isHeld).isPresent();
    }

    /** A file in a tree, or a tree around a file: both would be labelled for the one and for the other. */
    @Override
    public synchronized Optional<VmName> around(HostPath realPath, boolean isTree) {
        List<VmRecord> all = isTree ? List.copyOf(vms.values()) : List.of();
        Optional<VmName> inside = all.stream()
                .filter(vm -> fileIds(vm.files()).stream()
                        .flatMap(id -> file(id).stream())
                        .anyMatch(file -> file.realPath().isBelow(realPath)))
                .map(VmRecord::name)
                .findFirst();
        return inside.or(() -> trees.stream()
                .flatMap(id -> file(id).stream())
                .filter(tree -> realPath.isBelow(tree.realPath()))
                .flatMap(tree -> holders(tree.id()).stream())
                .findFirst());
    }

    /** Whether a VM has any tree. */
    public synchronized boolean hasTrees() {
        return trees.stream().anyMatch(id -> !holders(id).isEmpty());
    }

    /** The VM that has a tree with one of these roots, which are device and inode alone. */
    public synchronized Optional<VmName> withTree(Set<FileIdentity> roots) {
        return trees.stream()
                .flatMap(id -> file(id).stream())
                .filter(tree -> roots.contains(tree.identity().withoutBirth()))
                .flatMap(tree -> holders(tree.id()).stream())
                .findFirst();
    }

    /** Searches all files of all VMs, which is enough for the few names that a VM makes. */
    @Override
    public synchronized Optional<VmName> maker(HostPath name) {
        return vms.values().stream()
                .filter(vm -> vm.files().stream()
                        .anyMatch(hold -> hold.file().isEmpty()
                                && hold.treatment() == Treatment.LEAVE
                                && hold.path().equals(name)
                                && hold.uses().stream().anyMatch(use -> use.access() == UseAccess.CREATE)))
                .map(VmRecord::name)
                .findFirst();
    }

    public synchronized Set<VmName> holders(long file) {
        return holders.getOrDefault(file, Set.of());
    }

    /**
     * A file that nobody holds any more, and whose reversion may not be on disk yet.
     *
     * @param generation a new one each time that the file's last holder leaves
     */
    public record Unheld(FileRecord file, long generation) {}

    /**
     * Trees last: one may take long, and no other file should wait for it. A number without a record has nothing to give
     * back, and keeps no other file from it.
     */
    public synchronized List<Unheld> unheld() {
        return unheld.all().stream()
                .sorted(Comparator.comparing(entry -> trees.contains(entry.getKey())))
                .flatMap(entry -> file(entry.getKey()).stream().map(file -> new Unheld(file, entry.getValue())))
                .toList();
    }

    /** Files of stopped VMs with live processes that do not have their earlier labels yet and that no other VM uses. */
    public synchronized List<FileRecord> toGiveBack() {
        return holders.entrySet().stream()
                .filter(entry -> entry.getValue().stream()
                        .allMatch(name -> vm(name).filter(vm -> vm.phase() == VmRecord.Phase.STOPPING)
                                .isPresent()))
                .flatMap(entry -> file(entry.getKey()).stream())
                .filter(file -> file.isLabelled() && !file.givenBackIn().equals(Optional.of(bootId)))
                .toList();
    }

    /** Whether files should be settled soon: one that nobody holds has had many labels. */
    public synchronized boolean isCrowded() {
        return unheld.isCrowded();
    }

    public synchronized boolean isStill(Unheld then) {
        return unheld.isStill(then.file().id(), then.generation());
    }

    /** The label that each file showed that was handed over to this VM. */
    public synchronized List<Optional<StoredLabel>> passed(VmRecord vm) {
        return vm.files().stream()
                .filter(hold -> hold.treatment() == Treatment.PASS)
                .map(hold -> hold.file().isPresent()
                        ? file(hold.file().getAsLong()).flatMap(FileRecord::original)
                        : Optional.<StoredLabel>empty())
                .toList();
    }

    /** Pairs that may not be given to another VM: those of held VMs, and those that a file may still carry. */
    public synchronized Set<CategoryPair> pairs() {
        return pairs.all();
    }

    @Override
    public synchronized boolean isReserved(CategoryPair pair) {
        return pairs.isTaken(pair);
    }

    @Override
    public synchronized Set<CategoryPair> pairsOfOthers(VmName vm, boolean isAlone) {
        Set<CategoryPair> others = new HashSet<>();
        vms.values().stream()
                .filter(other -> !other.name().equals(vm))
                .forEach(other -> others.add(other.contexts().level().pair()));
        files.all().stream()
                .flatMap(file -> leavers.forbidden(file, isHeld(file), vm, isAlone))
                .forEach(others::add);
        return others;
    }

    @Override
    public synchronized Keeper keeper(CategoryPair pair, VmName vm) {
        if (!pairs.isTaken(pair)) {
            return Keeper.NOBODY;
        }
        if (vms.values().stream()
                .anyMatch(other -> other.contexts().level().pair().equals(pair))) {
            return Keeper.VM;
        }
        return files.all().stream()
                        .flatMap(file -> leavers.kept(file, isHeld(file), vm))
                        .anyMatch(pair::equals)
                ? Keeper.FILE
                : Keeper.NOBODY;
    }

    private boolean isHeld(FileRecord file) {
        return !holders(file.id()).isEmpty();
    }

    /** A number for a new record. Runs with the lock held. */
    public synchronized long nextId() {
        return ++lastId;
    }

    /** Adds a file, or replaces the one with the same number. */
    public synchronized void put(FileRecord changed) {
        add(common.file(changed));
    }

    private void add(FileRecord file) {
        files.put(file).ifPresent(pairs::release);
        nodes.guess(file);
        pairs.take(file);
        unheld.count(file);
        if (holders(file.id()).isEmpty()) {
            unheld.add(file.id());
        }
        lastId = Math.max(lastId, file.id());
    }

    /** From now on a new label on the file is somebody else's, until a VM takes the file again. */
    synchronized void giveBack(long id) {
        file(id).map(file -> file.givenBack(bootId)).ifPresent(files::put);
    }

    /** The records of those of these holds that were given back, or that may have another label than the last. */
    public synchronized List<FileRecord> givenBack(Collection<FileHold> holds) {
        return fileIds(holds).stream()
                .flatMap(id -> file(id).stream())
                .filter(file -> file.givenBackIn().equals(Optional.of(bootId))
                        || !file.earlier().isEmpty())
                .toList();
    }

    /** Adds a VM with its holds, or replaces the one of that name. */
    public synchronized void put(VmRecord changed) {
        add(common.vm(changed, this::file));
    }

    private void add(VmRecord vm) {
        VmRecord before = vms.put(vm.name().value(), vm);
        if (before == null) {
            runs.put(vm.name(), ++lastRun);
            pairs.take(vm.contexts().level().pair());
        } else {
            Set<Long> kept = fileIds(vm.files());
            fileIds(before.files()).stream().filter(id -> !kept.contains(id)).forEach(id -> leave(vm.name(), id));
        }
        Set<VmName> alone = Set.of(vm.name());
        for (FileHold hold : vm.files()) {
            hold.file().ifPresent(id -> {
                if (hold.uses().stream().anyMatch(use -> use.role() == FileRole.TREE)) {
                    trees.add(id);
                }
                holders.merge(id, alone, Leavers::together);
                unheld.remove(id);
            });
        }
    }

    public synchronized void remove(VmName name) {
        VmRecord vm = vms.remove(name.value());
        if (vm == null) {
            return;
        }
        runs.remove(name);
        pairs.release(vm.contexts().level().pair());
        fileIds(vm.files()).forEach(id -> leave(name, id));
    }

    /** Ends the VM's part in this file, whatever its record says until the record goes. */
    public synchronized void leave(VmName name, long id) {
        Set<VmName> left = new LinkedHashSet<>(holders(id));
        if (!left.remove(name)) {
            return;
        }
        file(id).ifPresent(file -> leavers.add(file, name));
        if (left.isEmpty()) {
            holders.remove(id);
            unheld.add(id);
        } else {
            holders.put(id, left);
        }
    }

    /** The records of these holds, each once. */
    public static Set<Long> fileIds(Collection<FileHold> holds) {
        Set<Long> ids = new LinkedHashSet<>();
        holds.forEach(hold -> hold.file().ifPresent(ids::add));
        return ids;
    }

    public synchronized void forget(Collection<Long> ids) {
        for (long id : ids) {
            files.remove(id).ifPresent(file -> {
                unheld.forget(id);
                leavers.forget(id);
                nodes.forget(id);
                pairs.release(file);
            });
        }
    }
}
