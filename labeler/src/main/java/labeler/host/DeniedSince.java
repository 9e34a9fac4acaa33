package labeler.host;

import java.time.Instant;
import java.util.Optional;

/**
 * What the kernel's audit log of this machine has about denials since some time.
 *
 * @param lines of denials
 * @param begins the time at which the log begins, if that is later than what was asked for; empty also if the log does not
 *     tell
 */
public record DeniedSince(DenialLines.Kept lines, Optional<Instant> begins) {}
