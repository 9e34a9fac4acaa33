package labeler.disk;

import java.util.Optional;

/** The end of a job, as its events and the lists of jobs tell. Whether a disk has changed, only the disk tells. */
sealed interface JobEnd {
    /**
     * The job is gone.
     *
     * @param isWhole whether it said that it was completed, without an error
     * @param isCancelled whether it said that it was cancelled
     * @param error the reason that qemu, or the guard, gave
     */
    record Gone(boolean isWhole, boolean isCancelled, Optional<String> error) implements JobEnd {}

    /** The monitor is lost, and the job may go on. */
    record Lost(String message) implements JobEnd {}
}
