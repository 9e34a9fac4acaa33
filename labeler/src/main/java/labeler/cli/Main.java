package labeler.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Stream;
import labeler.api.ExitCode;
import labeler.arguments.PlainArguments;
import labeler.arguments.RawArguments;
import labeler.cli.usage.Examples;
import labeler.cli.usage.UsageError;
import labeler.cli.usage.Version;
import labeler.host.LinuxHost;
import labeler.problem.IoReason;
import labeler.view.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;

/** The command line's program. */
@Command(
        name = "labeler",
        description = "Confines each qemu process to the files of its own virtual machine.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
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
    /** {@code labeler help disk attach} is as {@code labeler disk attach --help}. */
    private static final String HELP = "help";

    private static final List<Choice> COMMANDS = List.of(
            new Choice("chain", ChainCommand.class),
            new Choice("plan", PlanCommand.class),
            new Choice("start", StartCommand.class),
            new Choice("run", RunCommand.class),
            new Choice("stop", StopCommand.class),
            new Choice("status", StatusCommand.class, "list"),
            new Choice("disk", DiskCommand.class),
            new Choice("guard", GuardCommand.class),
            new Choice("relabel", RelabelCommand.class),
            new Choice("verify", VerifyCommand.class),
            new Choice("matrix", MatrixCommand.class),
            new Choice("events", EventsCommand.class),
            new Choice("explain", ExplainCommand.class),
            new Choice("doctor", DoctorCommand.class),
            new Choice("survey", SurveyCommand.class),
            new Choice("recover", RecoverCommand.class),
            new Choice("trust", TrustCommand.class),
            new Choice("policy", PolicyCommand.class),
            new Choice("hook", HookCommand.class),
            new Choice("libvirt", LibvirtCommand.class),
            new Choice("cluster", ClusterCommand.class));

    /** Commands that change something. Who does not get the result must know that it is done. */
    private static final Set<String> CHANGING = Set.of(
            "start", "stop", "disk", "guard", "relabel", "recover", "trust", "policy", "hook", "libvirt", "cluster");

    /** Commands with {@code NAME -- QEMU ARGV…}. */
    private static final Set<String> WITH_COMMAND_LINE = Set.of("plan", "start", "run");

    /** A command and its names, known without a look at its annotations. */
    private record Choice(List<String> names, Class<? extends AbstractCommand> type) {
        /** @param others names that do the same */
        Choice(String name, Class<? extends AbstractCommand> type, String... others) {
            this(Stream.concat(Stream.of(name), Stream.of(others)).toList(), type);
        }
    }

    /** Makes commands, and gives each its surroundings. */
    private record CommandsFactory(Surroundings surroundings) implements CommandLine.IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            K made = CommandLine.defaultFactory().create(type);
            if (made instanceof AbstractCommand command) {
                command.in(surroundings);
            }
            return made;
        }
    }

    private final Surroundings surroundings;

    /** The command line on this machine and this terminal. */
    public Main() {
        this(new Surroundings(new LinuxHost(), Terminal.standard(System.getenv())));
    }

    Main(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    public static void main(String[] arguments) {
        Main main = new Main();
        int exitCode = RawArguments.of(arguments).map(main::execute).orElseGet(main::undecodable);
        // Not System.exit: since Java 21 it asks the libraries of logging whether an exit is logged, which takes longer
        // than
        // most commands. There is nothing to be done at the end: no hook is registered, and no output is buffered.
        Runtime.getRuntime().halt(exitCode);
    }

    private int undecodable() {
        surroundings.terminal().complain(RawArguments.UNDECODABLE);
        return ExitCode.USAGE;
    }

    /** The names of all commands. */
    static List<String> names() {
        return COMMANDS.stream().map(choice -> choice.names.getFirst()).toList();
    }

    /**
     * Runs one command.
     *
     * @param rawArguments the arguments, one character a byte
     */
    int execute(String[] rawArguments) {
        int exitCode = executed(rawArguments);
        Optional<IOException> failure = surroundings.terminal().unwritten();
        return failure.isEmpty() || hasReaderGone() ? exitCode : unwritten(failure.get(), rawArguments, exitCode);
    }

    private boolean hasReaderGone() {
        try {
            return surroundings.host().awaitReadersEnd(Duration.ZERO);
        } catch (IOException e) {
            return false;
        }
    }

    /** A part of a result, or none, must not look like all of it. */
    private int unwritten(IOException failure, String[] rawArguments, int exitCode) {
        boolean isDone = exitCode == ExitCode.DONE && CHANGING.contains(rawArguments[0]);
        surroundings
                .terminal()
                .complain("the result could not be written: " + IoReason.of(failure)
                        + (isDone ? "; what was asked for is done" : ""));
        return exitCode == ExitCode.DONE ? ExitCode.FAILED : exitCode;
    }

    private int executed(String[] rawArguments) {
        Optional<Callable<Integer>> plain = PlainArguments.of(rawArguments).flatMap(this::plain);
        try {
            return plain.isEmpty() ? executeByModel(rawArguments) : plain.get().call();
        } catch (Exception e) {
            return fault(e);
        } catch (OutOfMemoryError | StackOverflowError e) {
            surroundings
                    .terminal()
                    .complain("not enough memory for what was asked for; ask for less, such as one VM, or set"
                            + " LABELER_JAVA_OPTIONS=-Xmx1g");
            return ExitCode.FAILED;
        }
    }

    /** The command that these arguments stand for, if it takes a plain form and this is one. */
    private Optional<Callable<Integer>> plain(PlainArguments arguments) {
        return switch (arguments.command()) {
            case "chain" -> ChainCommand.of(arguments).map(this::placed);
            case "run" -> RunCommand.of(arguments).map(this::placed);
            case "start" -> StartCommand.of(arguments).map(this::placed);
            case "stop" -> StopCommand.of(arguments).map(this::placed);
            case "status", "list" -> StatusCommand.of(arguments).map(this::placed);
            default -> Optional.empty();
        };
    }

    private <C extends AbstractCommand & Callable<Integer>> Callable<Integer> placed(C command) {
        command.in(surroundings);
        return command;
    }

    /**
     * Runs one command, by the description that the manual is made of.
     *
     * @param rawArguments the arguments, one character a byte
     */
    int executeByModel(String[] rawArguments) {
        return rawArguments.length > 0 && rawArguments[0].equals(HELP)
                ? parsed(Stream.concat(Stream.of(rawArguments).skip(1), Stream.of("--help"))
                        .toArray(String[]::new))
                : parsed(rawArguments);
    }

    private int parsed(String[] rawArguments) {
        CommandLine commandLine = commandLine(rawArguments);
        if (List.of(rawArguments).contains("--help") || List.of(rawArguments).contains("-h")) {
            // Only then: reading them takes as long as the answer to a command.
            Examples.shipped().addTo(commandLine);
        }
        commandLine
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
        return isNameless(rawArguments)
                ? usage(new ParameterException(
                        commandLine.getSubcommands().get(rawArguments[0]), "NAME, the VM's, goes before --"))
                : commandLine.execute(rawArguments);
    }

    /** Whether the first word of a qemu command line would be taken for the VM's name. */
    private boolean isNameless(String[] rawArguments) {
        int commandLine = List.of(rawArguments).indexOf("--");
        if (commandLine < 0 || !WITH_COMMAND_LINE.contains(rawArguments[0])) {
            return false;
        }
        try {
            return !commandLine(rawArguments)
                    .parseArgs(Arrays.copyOf(rawArguments, commandLine))
                    .subcommand()
                    .hasMatchedPositional(0);
        } catch (CommandLine.MissingParameterException e) {
            return e.getMissing().stream().anyMatch(part -> part.paramLabel().equals("NAME"));
        } catch (ParameterException e) {
            // Something else is wrong, which is told when all is read.
            return false;
        }
    }

    /** The program with all its commands, for its manual pages. */
    public CommandLine program() {
        return commandLine();
    }

    /** All commands, or only the named one. Reading the others' annotations takes longer than most commands. */
    private CommandLine commandLine(String... rawArguments) {
        Predicate<Choice> named = choice -> rawArguments.length > 0 && choice.names.contains(rawArguments[0]);
        CommandLine.IFactory factory = new CommandsFactory(surroundings);
        boolean known = COMMANDS.stream().anyMatch(named);
        CommandLine program =
                known ? new CommandLine(CommandSpec.create().name("labeler"), factory) : new CommandLine(this, factory);
        for (Choice choice : COMMANDS) {
            if (!known || named.test(choice)) {
                program.addSubcommand(withExitCodes(new CommandLine(choice.type, factory)));
            }
        }
        return program;
    }

    /** Gives each word below a command the exit codes of the command. */
    private static CommandLine withExitCodes(CommandLine command) {
        UsageMessageSpec ofCommand = command.getCommandSpec().usageMessage();
        for (CommandLine word : command.getSubcommands().values()) {
            word.getCommandSpec()
                    .usageMessage()
                    .exitCodeListHeading(ofCommand.exitCodeListHeading())
                    .exitCodeList(ofCommand.exitCodeList());
            withExitCodes(word);
        }
        return command;
    }

    private int usage(ParameterException e) {
        surroundings.terminal().err().println("labeler: " + RawArguments.printable(UsageError.text(e)));
        return ExitCode.USAGE;
    }

    /** Reports a fault of this program, with its place, which a bug report needs first. */
    private int fault(Exception e) {
        StackTraceElement[] trace = e.getStackTrace();
        surroundings.terminal().complain("internal error: " + e + (trace.length > 0 ? " at " + trace[0] : ""));
        return ExitCode.FAILED;
    }
}
