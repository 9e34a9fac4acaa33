package labeler.domain;

import java.time.Duration;

/**
 * How fast the service follows libvirt.
 *
 * @param quiet from a change to the look at it: libvirt writes a domain's state several times for one change
 * @param settling for which a file has to be left before it is given back: libvirt takes some of them again at once
 * @param again until the next look where something could not be done: a file was touched just then, a file system did not
 *     answer
 * @param patience for which libvirt may know nothing of a VM on record: its hook comes before the first state, and a
 *     release by the hook before the service's own
 */
record Pace(Duration quiet, Duration settling, Duration again, Duration patience) {
    static final Pace DEFAULT =
            new Pace(Duration.ofMillis(200), Duration.ofSeconds(3), Duration.ofSeconds(10), Duration.ofMinutes(2));
}
