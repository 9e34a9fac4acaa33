package labeler.journal;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import labeler.vm.VmName;

/**
 * The durable record. {@link #recordStart}, {@link #recordJoin} and {@link #recordHolds} write files whose labels are about
 * to change; no label may change before {@link #sync} has returned, since its original could be lost. A power cut (not a
 * killed process) may lose everything else without harm: it ends the VMs of that boot anyway.
 */
public interface Journal extends KnownImages, AutoCloseable {
    /** Reads all records. */
    Recorded load() throws JournalException;

    /**
     * The records that {@link #load} finds.
     *
     * @param common the values that they share
     */
    record Recorded(List<VmRecord> vms, List<FileRecord> files, CommonValues common) {
        public Recorded {
            vms = List.copyOf(vms);
            files = List.copyOf(files);
        }
    }

    /**
     * Records a VM in phase {@code STARTING} and the files that it is the first to hold, in one transaction.
     *
     * @param files new, or in place of the record with the same number
     */
    void recordStart(VmRecord vm, Collection<FileRecord> files) throws JournalException;

    void recordPhase(VmName name, VmRecord.Phase phase) throws JournalException;

    /**
     * Records that the VM is gone; its files stay on record until {@link #forget}.
     *
     * @param givenBack records of which nothing has changed but the boot in which they were given back, and the labels that they
     *     may have
     */
    void recordEnd(VmName name, Collection<FileRecord> givenBack) throws JournalException;

    /**
     * Records a disk that joins a VM, its holds and the files that it holds first, in one transaction.
     *
     * @param holds each with the name of the disk
     * @param files new, or in place of the record with the same number
     */
    void recordJoin(VmName name, DiskRecord disk, List<FileHold> holds, Collection<FileRecord> files)
            throws JournalException;

    /** Records what is known by now of a disk that is on record. */
    void recordJoined(VmName name, DiskRecord disk) throws JournalException;

    /**
     * Records that the disk and its holds have gone; the files stay on record until {@link #forget}.
     *
     * @param givenBack records of which nothing has changed but the boot in which they were given back, and the labels that they
     *     may have
     */
    void recordLeave(VmName name, DiskRecord disk, Collection<FileRecord> givenBack) throws JournalException;

    /**
     * Records all holds of a VM that runs, in place of those on record, and files, in one transaction.
     *
     * @param files about to get a label; new, or in place of the record with the same number
     * @param givenBack records of which nothing has changed but the boot in which they were given back, and the labels that they
     *     may have
     */
    void recordHolds(VmName name, List<FileHold> all, Collection<FileRecord> files, Collection<FileRecord> givenBack)
            throws JournalException;

    /** Records files that no VM here holds, and that are to be given back. */
    void recordFiles(Collection<FileRecord> files) throws JournalException;

    /** Records the guard of a VM that is on record; it goes with the VM. */
    void recordGuard(GuardRecord guard) throws JournalException;

    /** Takes the guard of a VM off the record: it could not be placed. */
    void removeGuard(VmName name) throws JournalException;

    /**
     * Records sets of descriptors that qemu has been given.
     *
     * @param sets by their numbers, in place of those on record with the same
     */
    void recordSets(VmName name, Map<Long, GuardSet> sets) throws JournalException;

    /** Takes sets of descriptors off the record that qemu has no more. */
    void removeSets(VmName name, Collection<Long> numbers) throws JournalException;

    /** The sets of descriptors that a guarded VM was given, by their numbers. */
    Map<Long, GuardSet> sets(VmName name) throws JournalException;

    /** The guards of all VMs. */
    List<GuardRecord> guards() throws JournalException;

    /**
     * Returns when all files recorded before are on disk, and at once if they are. Threads share one write; so nobody else has
     * to wait, and no lock should be held.
     *
     * @throws JournalException if that is not certain
     */
    void sync() throws JournalException;

    /** Removes files that no longer carry a label of ours. */
    void forget(Collection<Long> files) throws JournalException;

    @Override
    void close() throws JournalException;
}
