package labeler.cli.option;

import java.util.Optional;
import labeler.selinux.Level;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The level of a VM, if the user wants a certain one. */
public final class LevelOption {
    @Option(
            names = "--level",
            paramLabel = "s0:cA,cB",
            converter = Converters.OfLevel.class,
            description = "The level to use; one that is free by default.")
    private @Nullable Level level;

    /** The level that the user wants. */
    public Optional<Level> wanted() {
        return Optional.ofNullable(level);
    }
}
