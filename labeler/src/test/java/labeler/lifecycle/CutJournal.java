package labeler.lifecycle;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.journal.DiskRecord;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.GuardRecord;
import labeler.journal.GuardSet;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.reference.ImageChange;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;
import labeler.reference.WrittenTree;
import labeler.vm.VmName;

/** A journal whose service is killed just before or just after a chosen write, or whose disk is full. */
public final class CutJournal implements Journal {
    /** The service was killed there. */
    public static final class Killed extends Error {}

    private final Journal journal;
    private int writes;
    private int killBefore = Integer.MAX_VALUE;
    private int killAfter = Integer.MAX_VALUE;
    private int failAt = Integer.MAX_VALUE;
    private int holds;
    private int failHold = Integer.MAX_VALUE;
    private volatile boolean failsImages;
    private volatile boolean isKilled;
    private Runnable beforeEnd = () -> {};

    public CutJournal(Journal journal) {
        this.journal = journal;
    }

    public int writes() {
        return writes;
    }

    public void killBefore(int write) {
        killBefore = writes + write;
    }

    public void killAfter(int write) {
        killAfter = writes + write;
    }

    public void failAt(int write) {
        failAt = writes + write;
    }

    /** Holds of images are counted separately. */
    void failHold(int hold) {
        failHold = holds + hold;
    }

    /** The next record of images fails; it is counted with no others. */
    public void failImages() {
        failsImages = true;
    }

    /** Whether one has failed, or none was to. */
    public boolean haveImagesFailed() {
        return !failsImages;
    }

    /** Runs this once, just before the next VM goes off the record. */
    void beforeEnd(Runnable action) {
        beforeEnd = action;
    }

    /** Whether that has happened. */
    public boolean isKilled() {
        return isKilled;
    }

    private interface Write {
        void make() throws JournalException;
    }

    private void write(Write write) throws JournalException {
        writes++;
        if (writes >= killBefore) {
            isKilled = true;
            throw new Killed();
        }
        if (writes == failAt) {
            throw noSpace();
        }
        write.make();
        if (writes >= killAfter) {
            isKilled = true;
            throw new Killed();
        }
    }

    private static JournalException noSpace() {
        return new JournalException("journal.db: no space left for the journal; free some on its file system");
    }

    @Override
    public Recorded load() throws JournalException {
        return journal.load();
    }

    @Override
    public void recordStart(VmRecord vm, Collection<FileRecord> files) throws JournalException {
        write(() -> journal.recordStart(vm, files));
    }

    @Override
    public void recordPhase(VmName name, VmRecord.Phase phase) throws JournalException {
        write(() -> journal.recordPhase(name, phase));
    }

    @Override
    public void recordEnd(VmName name, Collection<FileRecord> givenBack) throws JournalException {
        Runnable action = beforeEnd;
        beforeEnd = () -> {};
        action.run();
        write(() -> journal.recordEnd(name, givenBack));
    }

    @Override
    public void recordJoin(VmName name, DiskRecord disk, List<FileHold> holds, Collection<FileRecord> files)
            throws JournalException {
        write(() -> journal.recordJoin(name, disk, holds, files));
    }

    @Override
    public void recordJoined(VmName name, DiskRecord disk) throws JournalException {
        write(() -> journal.recordJoined(name, disk));
    }

    @Override
    public void recordLeave(VmName name, DiskRecord disk, Collection<FileRecord> givenBack) throws JournalException {
        write(() -> journal.recordLeave(name, disk, givenBack));
    }

    @Override
    public void recordFiles(Collection<FileRecord> files) throws JournalException {
        write(() -> journal.recordFiles(files));
    }

    // Not counted among the writes: without it a VM has no guard after a restart, and its labels are the same.

    @Override
    public void recordGuard(GuardRecord guard) throws JournalException {
        journal.recordGuard(guard);
    }

    @Override
    public void removeGuard(VmName name) throws JournalException {
        journal.removeGuard(name);
    }

    @Override
    public List<GuardRecord> guards() throws JournalException {
        return journal.guards();
    }

    @Override
    public void recordSets(VmName name, Map<Long, GuardSet> sets) throws JournalException {
        write(() -> journal.recordSets(name, sets));
    }

    @Override
    public void removeSets(VmName name, Collection<Long> numbers) throws JournalException {
        write(() -> journal.removeSets(name, numbers));
    }

    @Override
    public Map<Long, GuardSet> sets(VmName name) throws JournalException {
        return journal.sets(name);
    }

    @Override
    public void recordHolds(
            VmName name, List<FileHold> all, Collection<FileRecord> files, Collection<FileRecord> givenBack)
            throws JournalException {
        write(() -> journal.recordHolds(name, all, files, givenBack));
    }

    @Override
    public void sync() throws JournalException {
        write(journal::sync);
    }

    @Override
    public void forget(Collection<Long> files) throws JournalException {
        write(() -> journal.forget(files));
    }

    @Override
    public Optional<KnownImage> knownImage(FileIdentity identity, HostPath realPath) throws JournalException {
        return journal.knownImage(identity, realPath);
    }

    @Override
    public List<KnownImage> imagesHeldBy(VmName vm, Optional<String> disk) throws JournalException {
        return journal.imagesHeldBy(vm, disk);
    }

    @Override
    public List<VmName> imageHolders() throws JournalException {
        return journal.imageHolders();
    }

    // Not counted among the writes: if this write is lost, the image is judged more strictly.

    @Override
    public void holdImages(Collection<KnownImage> images, ImageHold hold) throws JournalException {
        holds++;
        if (holds == failHold) {
            throw noSpace();
        }
        journal.holdImages(images, hold);
    }

    @Override
    public boolean holdTrees(Collection<HostPath> roots, ImageHold hold, int most) throws JournalException {
        return journal.holdTrees(roots, hold, most);
    }

    @Override
    public void keepTrees(ImageHold hold) throws JournalException {
        journal.keepTrees(hold);
    }

    @Override
    public List<WrittenTree> treesAround(HostPath realPath) throws JournalException {
        return journal.treesAround(realPath);
    }

    @Override
    public void withdrawImages(ImageHold hold, Collection<KnownImage> unseen) throws JournalException {
        journal.withdrawImages(hold, unseen);
    }

    @Override
    public void seeImages(Collection<ImageChange> seen) throws JournalException {
        journal.seeImages(seen);
    }

    @Override
    public void changeImages(Collection<ImageChange> changes) throws JournalException {
        journal.changeImages(changes);
    }

    @Override
    public void recordImages(Collection<KnownImage> images, Collection<ImageHold> released) throws JournalException {
        if (failsImages) {
            failsImages = false;
            throw noSpace();
        }
        journal.recordImages(images, released);
    }

    @Override
    public void endHolds(Collection<ImageChange> judged) throws JournalException {
        journal.endHolds(judged);
    }

    @Override
    public void close() throws JournalException {
        journal.close();
    }
}
