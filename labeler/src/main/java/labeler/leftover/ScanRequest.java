package labeler.leftover;

import java.util.Optional;
import labeler.linux.HostPath;

/**
 * Which part of a directory to look through.
 *
 * @param directory with all that is below it on its own mount
 * @param after the place of the last part's end; empty for the first part
 * @param apply whether to give what is found the label that it should have
 */
public record ScanRequest(HostPath directory, Optional<HostPath> after, boolean apply) {}
