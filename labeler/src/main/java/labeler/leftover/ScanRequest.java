package labeler.leftover;

import java.util.Optional;
import labeler.linux.HostPath;

/**
 * The part of a directory to search.
 *
 * @param directory with all that is below it on its own mount
 * @param after the place of the last part's end; empty for the first part
 * @param apply whether to give the files that are found their right labels
 */
public record ScanRequest(HostPath directory, Optional<HostPath> after, boolean apply) {}
