package labeler.api;

import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.json.Checked;
import labeler.json.LeftOut;
import labeler.linux.HostPath;

/**
 * The body of a request to trust an image.
 *
 * @param format as which the image is read; empty to find out
 */
public record TrustBody(HostPath path, @LeftOut Optional<ImageFormat> format) implements Checked {
    @Override
    public Optional<String> fault() {
        return path.isAbsolute() ? Optional.empty() : Optional.of("\"path\" must be the absolute path of an image");
    }
}
