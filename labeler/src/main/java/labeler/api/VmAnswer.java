package labeler.api;

import java.time.Instant;
import java.util.Optional;
import labeler.json.Inlined;
import labeler.json.LeftOut;
import labeler.lifecycle.VmView;

/**
 * A VM in the answer to who asks for its state.
 *
 * @param check what the last comparison of its labels found; empty if none was made since the service's start
 */
public record VmAnswer(@Inlined VmView vm, @LeftOut Optional<Check> check) {
    /**
     * A comparison that was made.
     *
     * @param time when
     * @param drift number of differences, as {@link Report.Verified} counts them
     */
    public record Check(Instant time, long drift) {}
}
