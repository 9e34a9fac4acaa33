package labeler.host;

import java.time.Instant;
import java.util.Optional;

/**
 * Denials since some time, from the kernel's audit log of this machine.
 *
 * @param lines of denials
 * @param begins the time at which the log begins, if that is later than what was asked for; empty also if the log does not
 *     tell
 */
public record DeniedSince(DenialLines.Kept lines, Optional<Instant> begins) {}
