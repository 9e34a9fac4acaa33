package labeler.cli;

import java.util.Objects;
import labeler.cli.usage.Version;
import labeler.host.Host;
import labeler.view.Terminal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** A command with its surroundings. */
@Command(mixinStandardHelpOptions = true, versionProvider = Version.class, exitCodeListHeading = "%nExit codes:%n")
abstract class AbstractCommand {
    private @Nullable Surroundings surroundings;

    void in(Surroundings around) {
        surroundings = around;
    }

    Surroundings surroundings() {
        return Objects.requireNonNull(surroundings, "set by the program");
    }

    Terminal terminal() {
        return surroundings().terminal();
    }

    Host host() {
        return surroundings().host();
    }

    /** Says why it is not done. Returns the exit code. */
    int complain(String message, int exitCode) {
        terminal().complain(message);
        return exitCode;
    }
}
