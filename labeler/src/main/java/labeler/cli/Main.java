package labeler.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/** The command line's program. */
@Command(
        name = "labeler",
        description = "Confines each qemu process to the files of its own virtual machine.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done; chain, plan: complete and safe; verify: all as it should be",
            "1:failed (I/O, internal); verify: drift found",
            "2:usage",
            "3:refused: the input is unsafe or malformed",
            "4:conflict: the file or the label is in use by another VM",
            "5:no service, or not permitted"
        },
        footer = {
            "",
            "The service's socket is --socket, or $LABELER_SOCKET, or /run/labeler/labeler.sock.",
            "Colours appear on a terminal only, and not with $NO_COLOR."
        })
public final class Main {
    /** In the order of the help. */
    private static final List<Class<?>> COMMANDS = List.of(
            ChainCommand.class,
            PlanCommand.class,
            StartCommand.class,
            RunCommand.class,
            StopCommand.class,
            StatusCommand.class,
            RelabelCommand.class,
            VerifyCommand.class,
            RecoverCommand.class,
            PolicyCommand.class,
            HookCommand.class);

    private final Host host;
    private final Terminal terminal;

    /** On this machine and this terminal. */
    public Main() {
        this(new LinuxHost(), Terminal.standard(System.getenv()));
    }

    Main(Host host, Terminal terminal) {
        this.host = host;
        this.terminal = terminal;
    }

    public static void main(String[] arguments) {
        System.exit(new Main().execute(RawArguments.of(arguments)));
    }

    /**
     * Runs one command.
     *
     * @param rawArguments one character a byte
     */
    int execute(String[] rawArguments) {
        CommandLine commandLine = with(wanted(rawArguments))
                .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
                // An argument that begins with @ is a file's name, not a file of arguments.
                .setExpandAtFiles(false)
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setParameterExceptionHandler((e, _) -> usage(e))
                .setExecutionExceptionHandler((e, _, _) -> fault(e));
        if (rawArguments.length == 0) {
            commandLine.usage(terminal.err());
            return ExitCode.USAGE;
        }
        return commandLine.execute(rawArguments);
    }

    /** The whole command line, for its manual. */
    public static CommandLine describe() {
        return new Main().with(COMMANDS);
    }

    private CommandLine with(List<Class<?>> commands) {
        CommandLine commandLine = new CommandLine(this);
        commands.forEach(commandLine::addSubcommand);
        return commandLine;
    }

    /** The one command that is asked for: picocli needs 10 ms to look at each of the others. */
    private static List<Class<?>> wanted(String[] arguments) {
        String name = arguments.length == 0 ? "" : arguments[0];
        return COMMANDS.stream()
                .filter(command -> command.getSimpleName().equals(className(name)))
                .findFirst()
                .<List<Class<?>>>map(List::of)
                .orElse(COMMANDS);
    }

    private static String className(String command) {
        return command.isEmpty() ? "" : Character.toUpperCase(command.charAt(0)) + command.substring(1) + "Command";
    }

    private int usage(ParameterException e) {
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        terminal.err()
                .println("labeler: "
                        + RawArguments.printable(
                                Optional.ofNullable(e.getMessage()).orElse("usage"))
                        + "; " + name + " --help says more");
        return ExitCode.USAGE;
    }

    /** A fault of this program: its place is what a report about it needs first. */
    private int fault(Exception e) {
        StackTraceElement[] trace = e.getStackTrace();
        terminal.complain("internal error: " + e + (trace.length > 0 ? " at " + trace[0] : ""));
        return ExitCode.FAILED;
    }

    Host host() {
        return host;
    }

    Terminal terminal() {
        return terminal;
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "labeler "
                        + Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                                .orElse("development")
            };
        }
    }
}
