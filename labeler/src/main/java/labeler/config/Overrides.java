package labeler.config;

import java.nio.file.Path;
import java.util.Optional;
import labeler.lifecycle.Enforcement;

/** The settings on the service's command line; empty for those that the file decides. */
public record Overrides(
        Optional<Path> socket,
        Optional<Path> stateDirectory,
        Optional<Path> runDirectory,
        Optional<Enforcement> enforcement) {
    public static final Overrides NONE =
            new Overrides(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
