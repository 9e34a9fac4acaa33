package labeler.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import labeler.arguments.RawArguments;
import labeler.host.LinuxHost;
import labeler.view.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The command line's program. */
@Command(
        name = "labeler",
        description = "Confines each qemu process to the files of its own virtual machine.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ChainCommand.class,
            PlanCommand.class,
            StartCommand.class,
            RunCommand.class,
            StopCommand.class,
            StatusCommand.class,
            DiskCommand.class,
            RelabelCommand.class,
            VerifyCommand.class,
            MatrixCommand.class,
            RecoverCommand.class,
            TrustCommand.class,
            PolicyCommand.class,
            HookCommand.class
        },
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
    private final Surroundings surroundings;

    /** On this machine and this surroundings.terminal(). */
    public Main() {
        this(new Surroundings(new LinuxHost(), Terminal.standard(System.getenv())));
    }

    Main(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    public static void main(String[] arguments) {
        Main main = new Main();
        System.exit(RawArguments.of(arguments).map(main::execute).orElseGet(main::undecodable));
    }

    private int undecodable() {
        surroundings.terminal().complain(RawArguments.UNDECODABLE);
        return ExitCode.USAGE;
    }

    /**
     * Runs one command.
     *
     * @param rawArguments one character a byte
     */
    int execute(String[] rawArguments) {
        CommandLine commandLine = commandLine(rawArguments)
                .setOut(new PrintWriter(surroundings.terminal().out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(surroundings.terminal().err(), true, StandardCharsets.UTF_8))
                // An argument that begins with @ is a file's name, not a file of arguments.
                .setExpandAtFiles(false)
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setParameterExceptionHandler((e, _) -> usage(e))
                .setExecutionExceptionHandler((e, _, _) -> fault(e));
        if (rawArguments.length == 0) {
            commandLine.usage(surroundings.terminal().err());
            return ExitCode.USAGE;
        }
        return commandLine.execute(rawArguments);
    }

    /**
     * All commands, or the one that is named: looking at the others' annotations would take longer than most commands
     * do.
     */
    private CommandLine commandLine(String[] rawArguments) {
        Optional<AbstractCommand> command = rawArguments.length == 0 ? Optional.empty() : command(rawArguments[0]);
        if (command.isEmpty()) {
            return new CommandLine(this);
        }
        command.get().in(surroundings);
        return new CommandLine(CommandSpec.create().name("labeler")).addSubcommand(rawArguments[0], command.get());
    }

    private static Optional<AbstractCommand> command(String name) {
        return switch (name) {
            case "chain" -> Optional.of(new ChainCommand());
            case "plan" -> Optional.of(new PlanCommand());
            case "start" -> Optional.of(new StartCommand());
            case "run" -> Optional.of(new RunCommand());
            case "stop" -> Optional.of(new StopCommand());
            case "status" -> Optional.of(new StatusCommand());
            case "disk" -> Optional.of(new DiskCommand());
            case "relabel" -> Optional.of(new RelabelCommand());
            case "verify" -> Optional.of(new VerifyCommand());
            case "matrix" -> Optional.of(new MatrixCommand());
            case "recover" -> Optional.of(new RecoverCommand());
            case "trust" -> Optional.of(new TrustCommand());
            case "policy" -> Optional.of(new PolicyCommand());
            case "hook" -> Optional.of(new HookCommand());
            default -> Optional.empty();
        };
    }

    private int usage(ParameterException e) {
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        surroundings
                .terminal()
                .err()
                .println("labeler: "
                        + RawArguments.printable(
                                Optional.ofNullable(e.getMessage()).orElse("usage"))
                        + "; " + name + " --help says more");
        return ExitCode.USAGE;
    }

    /** A fault of this program: its place is what a report about it needs first. */
    private int fault(Exception e) {
        StackTraceElement[] trace = e.getStackTrace();
        surroundings.terminal().complain("internal error: " + e + (trace.length > 0 ? " at " + trace[0] : ""));
        return ExitCode.FAILED;
    }
}
