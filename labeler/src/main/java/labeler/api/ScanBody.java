package labeler.api;

import java.util.Optional;
import labeler.json.Checked;
import labeler.json.LeftOut;
import labeler.leftover.ScanRequest;
import labeler.linux.HostPath;

/**
 * The body of a scan.
 *
 * @param after start of the next part, from an earlier answer
 * @param apply whether to give each file found its proper label
 */
public record ScanBody(HostPath directory, @LeftOut Optional<HostPath> after, boolean apply) implements Checked {
    public ScanRequest request() {
        return new ScanRequest(directory, after, apply);
    }

    @Override
    public Optional<String> fault() {
        return directory.isAbsolute() ? Optional.empty() : Optional.of("\"directory\" must be an absolute path");
    }
}
