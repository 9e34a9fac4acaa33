package labeler.lifecycle.start;

import java.util.Collection;
import java.util.Optional;
import labeler.journal.VmRecord;
import labeler.problem.Problem;
import labeler.vm.VmName;

/**
 * How much the service may have on record. All of it is in the service's memory, and a start that makes that full costs all
 * VMs: lists and restarts take minutes, and then the service ends.
 */
final class RoomForVms {
    /** With 14,000 VMs of ten files the heap that bin/labelerd gives is full, and a restart takes two minutes. */
    static final int MOST_VMS = 12_000;

    /**
     * The files of all VMs together: ten of each. 100,000 have been tried, of 10,000 VMs, and 140,000 fill such a heap.
     * The range between is reckoned and not measured, and so are fewer VMs with more files each.
     */
    static final int MOST_FILES = 120_000;

    private RoomForVms() {}

    /** Why one more VM is too much for the service; empty if it is not. */
    static Optional<Problem> lack(Collection<VmRecord> recorded, VmName newcomer) {
        long vms = 0;
        long files = 0;
        for (VmRecord vm : recorded) {
            if (!vm.name().equals(newcomer)) {
                vms++;
                files += vm.files().size();
            }
        }
        if (vms < MOST_VMS && files < MOST_FILES) {
            return Optional.empty();
        }
        return Optional.of(Problem.of(
                Problem.Kind.TOO_MANY,
                vms + " VMs with " + files + " files are on record, and the service has memory for no more than "
                        + MOST_VMS + " VMs and " + MOST_FILES + " files; stop some of them first"));
    }
}
