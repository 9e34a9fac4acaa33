package labeler.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import labeler.view.Terminal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** What every command has: the program around it. */
@Command(mixinStandardHelpOptions = true, versionProvider = Main.Version.class, exitCodeListHeading = "%nExit codes:%n")
abstract class AbstractCommand implements Callable<Integer> {
    private @Nullable Main main;

    void in(Main program) {
        main = program;
    }

    Main main() {
        return Objects.requireNonNull(main, "set by the program");
    }

    Terminal terminal() {
        return main().terminal();
    }

    Host host() {
        return main().host();
    }
}
