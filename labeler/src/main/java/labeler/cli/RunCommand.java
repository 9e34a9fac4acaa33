package labeler.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.api.ExitCode;
import labeler.api.StartAnswer;
import labeler.api.StartBody;
import labeler.arguments.PlainArguments;
import labeler.arguments.RawArguments;
import labeler.cli.option.Converters;
import labeler.cli.option.LevelOption;
import labeler.client.ServiceClient.Answered;
import labeler.client.ServiceClient.Broken;
import labeler.client.ServiceClient.NoService;
import labeler.host.LaunchArguments;
import labeler.host.ProgramSearch;
import labeler.launch.LandlockRules;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmView;
import labeler.lifecycle.Wall;
import labeler.linux.HostPath;
import labeler.linux.LandlockRule;
import labeler.linux.LinuxException;
import labeler.view.VmText;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "run",
        description = "Labels the files of a VM and becomes its qemu: the same process, at the VM's context.",
        exitCodeList = {
            "0:never by itself; what qemu exits with",
            "1:failed; also where qemu cannot be executed, and then the VM is stopped again",
            "2:usage",
            "3:refused: the command line or an image is unsafe or malformed",
            "4:a file or the level is in use by another VM",
            "5:no service, or not permitted"
        })
final class RunCommand extends AbstractCommand implements Callable<Integer> {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Mixin
    private final LevelOption level = new LevelOption();

    @Parameters(index = "0", paramLabel = "NAME", converter = Converters.OfVmName.class, description = "The VM.")
    private @Nullable VmName name;

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "QEMU ARGV",
            description = "After --: the qemu command line, the program first.")
    private List<String> argv = List.of();

    /** This command, if these are all its arguments. */
    static Optional<RunCommand> of(PlainArguments arguments) {
        return arguments
                .wordBeforeCommandLine()
                .flatMap(Converters.OfVmName::parse)
                .map(vm -> {
                    RunCommand command = new RunCommand();
                    command.name = vm;
                    command.argv = arguments.rest().orElseThrow();
                    command.service.set(arguments);
                    return command;
                });
    }

    @Override
    public Integer call() {
        List<byte[]> arguments = argv.stream().map(RawArguments::bytes).toList();
        return switch (ProgramSearch.find(arguments.getFirst(), host())) {
            case ProgramSearch.NotFound(String message) -> complain(message, ExitCode.FAILED);
            case ProgramSearch.Found(HostPath program) -> run(program, arguments);
        };
    }

    private int run(HostPath program, List<byte[]> arguments) {
        StartBody body = new StartBody(
                Optional.empty(),
                StartBody.Source.commandLine(arguments, host().workingDirectory()),
                level.wanted(),
                Optional.of(host().pid()),
                Optional.of(StartRequest.Launch.RUN));
        return service.post(surroundings(), path("start"), body)
                .show(StartAnswer.class, _ -> {}, started -> become(program, arguments, started));
    }

    private int become(HostPath program, List<byte[]> arguments, StartAnswer started) {
        VmView vm = started.vm();
        if (vm.walls().isEmpty()) {
            terminal().complain("WARNING: labels are written but nothing enforces them");
        }
        new VmText(terminal()).problems("warning", vm.warnings());
        try {
            terminal().complain(execute(program, LaunchArguments.of(arguments, started, host()), vm));
        } catch (IOException e) {
            terminal().complain(String.valueOf(e.getMessage()));
        }
        takeBack();
        return ExitCode.FAILED;
    }

    /** Returns only by failing, with the reason. */
    private String execute(HostPath program, LaunchArguments launch, VmView vm) {
        Optional<byte[]> context = Optional.of(vm.processContext())
                .filter(_ -> vm.walls().contains(Wall.SELINUX))
                .map(wanted -> wanted.toString().getBytes(StandardCharsets.US_ASCII));
        List<byte[]> environment = ProgramSearch.environment();
        if (!vm.walls().contains(Wall.LANDLOCK)) {
            return notExecuted(
                    program, host().exec().become(program, launch.argv(), environment, context, launch.inherited()));
        }
        return switch (host().landlockRules(vm.landlock(), program)) {
            case LandlockRules.NoRules(String message) -> message;
            case LandlockRules.Rules(List<LandlockRule> rules) ->
                notExecuted(
                        program,
                        host().exec()
                                .becomeConfined(
                                        program, launch.argv(), environment, context, launch.inherited(), rules));
        };
    }

    private static String notExecuted(HostPath program, LinuxException failure) {
        return program.printable() + " cannot be executed: " + failure.getMessage();
    }

    private void takeBack() {
        switch (service.post(surroundings(), path("stop")).outcome()) {
            case Answered answer when answer.succeeded() -> {}
            case Answered answer ->
                terminal().complain("the VM is still held: the service answers HTTP " + answer.status());
            case NoService(String message) -> terminal().complain("the VM is still held: " + message);
            case Broken(String message) -> terminal().complain("the VM is still held: " + message);
        }
    }

    private String path(String verb) {
        return ServiceOptions.path(Objects.requireNonNull(name), verb);
    }
}
