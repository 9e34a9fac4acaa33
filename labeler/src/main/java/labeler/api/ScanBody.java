package labeler.api;

import java.util.Optional;
import labeler.json.Checked;
import labeler.json.LeftOut;
import labeler.leftover.ScanRequest;
import labeler.linux.HostPath;

/**
 * The body of a scan.
 *
 * @param after where an answer says that the next part begins
 * @param apply whether to give what is found the label that it should have
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
