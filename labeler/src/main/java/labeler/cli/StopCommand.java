package labeler.cli;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.api.ExitCode;
import labeler.api.Report;
import labeler.arguments.PlainArguments;
import labeler.cli.option.Converters;
import labeler.view.VmText;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "stop",
        description = {
            "Gives every file of a VM the label back that it had, and forgets the VM.",
            "This happens by itself when its process ends. While the process runs, stop needs --kill or --force."
        },
        exitCodeList = {
            "0:stopped; files that others hold or changed keep their labels, and are named",
            "1:no such VM, a label could not be given back, or an image refers to a file that it did not before",
            "2:usage",
            "4:the process of the VM runs, and neither --kill nor --force is given; or it could not be ended",
            "5:no service, or not permitted"
        })
final class StopCommand extends AbstractCommand implements Callable<Integer> {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    /** The treatment of a process that runs. */
    static final class WhileRunning {
        @Option(
                names = "--kill",
                description =
                        "End the VM's process first: SIGTERM, and SIGKILL after ten seconds. The guest is not asked.")
        private boolean isKilling;

        @Option(
                names = "--force",
                description =
                        "Give the labels back although the process runs. It goes on; what it held stays refused to"
                                + " other VMs until it has ended.")
        private boolean isForced;
    }

    @ArgGroup
    private @Nullable WhileRunning running;

    @Parameters(paramLabel = "NAME", converter = Converters.OfVmName.class, description = "The VM.")
    private @Nullable VmName name;

    /** This command, if these are all its arguments. */
    static Optional<StopCommand> of(PlainArguments arguments) {
        return arguments.onlyWord().flatMap(Converters.OfVmName::parse).map(vm -> {
            StopCommand command = new StopCommand();
            command.name = vm;
            command.service.set(arguments);
            return command;
        });
    }

    @Override
    public Integer call() {
        String path = ServiceOptions.path(Objects.requireNonNull(name), "stop") + query();
        return service.post(surroundings(), path)
                .show(Report.Stopped.class, new VmText(terminal())::stopped, stopped -> ExitCode.of(stopped.report()));
    }

    private String query() {
        if (running != null && running.isKilling) {
            return "?kill=true";
        }
        return running != null && running.isForced ? "" : "?unlessRunning=true";
    }
}
