package labeler.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.api.StartBody;
import labeler.api.VmJson;
import labeler.arguments.RawArguments;
import labeler.client.ServiceClient.Answered;
import labeler.client.ServiceClient.Broken;
import labeler.client.ServiceClient.NoService;
import labeler.host.ProgramSearch;
import labeler.json.Json.JsonObject;
import labeler.launch.Allowance;
import labeler.launch.LandlockRules;
import labeler.lifecycle.StartRequest;
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

    @Override
    public Integer call() {
        List<byte[]> arguments = argv.stream().map(RawArguments::bytes).toList();
        Optional<HostPath> program = ProgramSearch.find(arguments.getFirst(), host());
        if (program.isEmpty()) {
            terminal().complain(RawArguments.printable(argv.getFirst()) + ": no such program in $PATH");
            return ExitCode.FAILED;
        }
        StartBody body = new StartBody(
                new StartBody.CommandLine(arguments, host().workingDirectory()),
                Optional.empty(),
                level.wanted(),
                Optional.of(host().pid()),
                StartRequest.Launch.RUN);
        return service.finish(
                surroundings(),
                service.post(surroundings(), path("start"), body.bytes()),
                vm -> become(program.get(), arguments, vm));
    }

    private int become(HostPath program, List<byte[]> arguments, JsonObject vm) {
        List<String> walls = VmText.walls(vm);
        if (walls.isEmpty()) {
            terminal().complain("WARNING: labels are written but nothing enforces them");
        }
        new VmText(terminal()).problems("warning", vm.elements("warnings"));
        Optional<byte[]> context = vm.text("processContext")
                .filter(_ -> walls.contains(Wall.SELINUX.word()))
                .map(text -> text.getBytes(StandardCharsets.US_ASCII));
        try {
            LaunchArguments launch = LaunchArguments.of(arguments, vm, host());
            terminal()
                    .complain(
                            walls.contains(Wall.LANDLOCK.word())
                                    ? confined(program, launch, context, vm)
                                    : notExecuted(
                                            program,
                                            host().exec()
                                                    .become(
                                                            program,
                                                            launch.argv(),
                                                            ProgramSearch.environment(),
                                                            context,
                                                            launch.inherited())));
        } catch (IOException e) {
            terminal().complain(String.valueOf(e.getMessage()));
        }
        takeBack();
        return ExitCode.FAILED;
    }

    /** Returns only by failing, with the reason. */
    private String confined(HostPath program, LaunchArguments launch, Optional<byte[]> context, JsonObject vm) {
        Optional<List<Allowance>> allowances = VmJson.allowances(vm);
        if (allowances.isEmpty()) {
            return "the service's answer has a Landlock rule that is not understood; are both of one version?";
        }
        return switch (host().landlockRules(allowances.get(), program)) {
            case LandlockRules.NoRules(String message) -> message;
            case LandlockRules.Rules(List<LandlockRule> rules) ->
                notExecuted(
                        program,
                        host().exec()
                                .becomeConfined(
                                        program,
                                        launch.argv(),
                                        ProgramSearch.environment(),
                                        context,
                                        launch.inherited(),
                                        rules));
        };
    }

    private static String notExecuted(HostPath program, LinuxException failure) {
        return program.printable() + " cannot be executed: " + failure.getMessage();
    }

    private void takeBack() {
        switch (service.post(surroundings(), path("stop"), new byte[0])) {
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
