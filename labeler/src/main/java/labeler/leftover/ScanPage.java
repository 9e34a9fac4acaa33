package labeler.leftover;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;

/**
 * One part of a directory, looked through.
 *
 * @param looked how many names were looked at
 * @param warnings what could not be looked at, or could not be known, a line each
 * @param after where to go on; empty at the end
 */
public record ScanPage(List<Leftover> files, long looked, List<String> warnings, Optional<HostPath> after) {
    public ScanPage {
        files = List.copyOf(files);
        warnings = List.copyOf(warnings);
    }
}
