package labeler.leftover;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;

/**
 * One part of a directory, with the results.
 *
 * @param looked the number of names that were read
 * @param unseen the number of directories that could not be looked through; a warning says why. Empty from a service of an
 *     earlier version, which does not count them
 * @param warnings about files that could not be read, or facts that could not be known, a line each
 * @param after the place to go on; empty at the end
 */
public record ScanPage(
        List<Leftover> files, long looked, Optional<Long> unseen, List<String> warnings, Optional<HostPath> after) {
    public ScanPage {
        files = List.copyOf(files);
        warnings = List.copyOf(warnings);
    }
}
