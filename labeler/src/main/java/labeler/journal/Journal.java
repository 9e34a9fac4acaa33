package labeler.journal;

import java.util.Collection;
import java.util.List;
import labeler.vm.VmName;

/**
 * The durable record. What a start needs is on disk when {@link #recordStart} returns, so a label is never changed whose
 * original could be lost. Everything else may be lost by a power cut (not by a killed process) without harm: after it, a
 * VM of an earlier boot is ended anyway.
 */
public interface Journal extends KnownImages, AutoCloseable {
    /** All that is recorded. */
    Recorded load() throws JournalException;

    /** What {@link #load} finds. */
    record Recorded(List<VmRecord> vms, List<FileRecord> files) {
        public Recorded {
            vms = List.copyOf(vms);
            files = List.copyOf(files);
        }
    }

    /**
     * A VM in phase {@code STARTING}, and the files of which it is the first holder, in one durable transaction.
     *
     * @param files new, or in place of the record with the same number
     */
    void recordStart(VmRecord vm, Collection<FileRecord> files) throws JournalException;

    void recordPhase(VmName name, VmRecord.Phase phase) throws JournalException;

    /**
     * The VM is gone; its files stay on record until {@link #forget}.
     *
     * @param givenBack in place of the records with the same numbers
     */
    void recordEnd(VmName name, Collection<FileRecord> givenBack) throws JournalException;

    /**
     * A disk that joins a VM, with its holds and the files of which it is the first holder, in one durable transaction.
     *
     * @param holds each with the name of the disk
     * @param files new, or in place of the record with the same number
     */
    void recordJoin(VmName name, DiskRecord disk, List<FileHold> holds, Collection<FileRecord> files)
            throws JournalException;

    /**
     * The disk has left, and its holds with it; the files stay on record until {@link #forget}.
     *
     * @param givenBack in place of the records with the same numbers
     */
    void recordLeave(VmName name, DiskRecord disk, Collection<FileRecord> givenBack) throws JournalException;

    /** Files that carry nothing of ours any more, durably. */
    void forget(Collection<Long> files) throws JournalException;

    @Override
    void close() throws JournalException;
}
