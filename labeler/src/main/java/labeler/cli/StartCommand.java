package labeler.cli;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.api.ExitCode;
import labeler.api.StartBody;
import labeler.api.StartBody.Source;
import labeler.arguments.PlainArguments;
import labeler.cli.option.Converters;
import labeler.cli.option.LevelOption;
import labeler.lifecycle.VmView;
import labeler.linux.Pid;
import labeler.view.VmText;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "start",
        description = "Labels the files of a VM for a process that somebody else starts.",
        exitCodeList = {
            "0:the files are labelled",
            "1:failed",
            "2:usage",
            "3:refused: the definition or an image is unsafe or malformed",
            "4:a file or the level is in use by another VM",
            "5:no service, or not permitted"
        })
final class StartCommand extends AbstractCommand implements Callable<Integer> {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Parameters(index = "0", paramLabel = "NAME", converter = Converters.OfVmName.class, description = "The VM.")
    private @Nullable VmName name;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "QEMU ARGV",
            description = "After --: the qemu command line, the program first.")
    private List<String> argv = List.of();

    @Mixin
    private final DefinitionOptions definition = new DefinitionOptions();

    @Mixin
    private final LevelOption level = new LevelOption();

    @Option(
            names = "--pid",
            paramLabel = "PID",
            converter = Converters.OfPid.class,
            description = "The VM's process; when it ends, the VM is stopped.")
    private @Nullable Pid pid;

    /** This command, if these are all its arguments. */
    static Optional<StartCommand> of(PlainArguments arguments) {
        return arguments
                .wordBeforeCommandLine()
                .flatMap(Converters.OfVmName::parse)
                .map(vm -> {
                    StartCommand command = new StartCommand();
                    command.name = vm;
                    command.argv = arguments.rest().orElseThrow();
                    command.service.set(arguments);
                    return command;
                });
    }

    @Override
    public Integer call() {
        Optional<Source> source = definition.source(surroundings(), argv);
        if (source.isEmpty()) {
            return ExitCode.FAILED;
        }
        StartBody body = new StartBody(
                Optional.empty(), source.get(), level.wanted(), Optional.ofNullable(pid), Optional.empty());
        String path = ServiceOptions.path(Objects.requireNonNull(name, "required"), "start");
        return service.post(surroundings(), path, body).show(VmView.class, new VmText(terminal())::vm);
    }
}
