package labeler.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** What every command has: the program around it. */
@Command(mixinStandardHelpOptions = true, versionProvider = Main.Version.class, exitCodeListHeading = "%nExit codes:%n")
abstract class AbstractCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable Main main;

    Main main() {
        return Objects.requireNonNull(main, "set by picocli");
    }

    Terminal terminal() {
        return main().terminal();
    }

    Host host() {
        return main().host();
    }
}
