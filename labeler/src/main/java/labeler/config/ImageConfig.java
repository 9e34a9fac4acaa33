package labeler.config;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;

/**
 * How far the service trusts headers of images.
 *
 * @param roots directories below which a header may name files; empty for the default: the directories of the images
 *     that a definition names, and the distribution's
 */
public record ImageConfig(Optional<List<HostPath>> roots) {
    public static final ImageConfig DEFAULT = new ImageConfig(Optional.empty());

    public ImageConfig {
        roots = roots.map(List::copyOf);
    }
}
