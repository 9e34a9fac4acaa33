package labeler.config;

import java.nio.file.Path;
import java.util.Optional;
import labeler.lifecycle.Enforcement;

/** What the command line of the service says; empty where it leaves the setting to the file. */
public record Overrides(
        Optional<Path> socket,
        Optional<Path> stateDirectory,
        Optional<Path> runDirectory,
        Optional<Enforcement> enforcement) {
    public static final Overrides NONE =
            new Overrides(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
