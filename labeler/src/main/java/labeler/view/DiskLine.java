package labeler.view;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import labeler.disk.Layer;
import labeler.disk.Outcome;

/** A line of JSON about an operation on a disk. */
public sealed interface DiskLine {
    /**
     * How far the job is.
     *
     * @param done bytes
     * @param remainingSeconds none as long as nobody knows
     */
    record Progress(
            String type, String job, long done, long total, int percent, long speed, Optional<Long> remainingSeconds)
            implements DiskLine {
        static Progress of(labeler.disk.Progress progress) {
            return new Progress(
                    "progress",
                    progress.job(),
                    progress.done(),
                    progress.total(),
                    progress.percent(),
                    progress.speed(),
                    progress.rest().map(Duration::toSeconds));
        }
    }

    /** The last line. */
    record Result(
            String type,
            String vm,
            String disk,
            String operation,
            Outcome.Kind outcome,
            String message,
            Optional<String> job,
            Optional<String> node,
            List<Layer> chain,
            List<String> unused)
            implements DiskLine {
        public Result {
            chain = List.copyOf(chain);
            unused = List.copyOf(unused);
        }
    }
}
