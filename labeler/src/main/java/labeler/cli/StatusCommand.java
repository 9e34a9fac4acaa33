package labeler.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.api.BriefVm;
import labeler.api.ExitCode;
import labeler.arguments.PlainArguments;
import labeler.cli.option.Converters;
import labeler.cli.option.Form;
import labeler.client.PercentEncoding;
import labeler.lifecycle.VmView;
import labeler.view.VmText;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "status",
        aliases = "list",
        description = "Shows the VMs that are held, or one of them with each of its files.",
        exitCodeList = {"0:shown", "1:no such VM, or failed", "2:usage", "5:no service, or not permitted"})
final class StatusCommand extends AbstractCommand implements Callable<Integer> {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            converter = Converters.OfVmName.class,
            description = "The VM; all of them by default.")
    private @Nullable VmName name;

    @Option(
            names = {"-w", "--watch"},
            arity = "0..1",
            paramLabel = "SECONDS",
            fallbackValue = "2",
            description =
                    "Show it again every two seconds, or every SECONDS, until interrupted or until the VM is gone.")
    private @Nullable Integer seconds;

    /** This command, if these are all its arguments. */
    static Optional<StatusCommand> of(PlainArguments arguments) {
        Optional<VmName> vm = arguments.onlyWord().flatMap(Converters.OfVmName::parse);
        if (vm.isEmpty() && (!arguments.words().isEmpty() || arguments.rest().isPresent())) {
            return Optional.empty();
        }
        StatusCommand command = new StatusCommand();
        command.name = vm.orElse(null);
        command.service.set(arguments);
        return Optional.of(command);
    }

    @Override
    public Integer call() throws IOException {
        if (seconds == null) {
            return show();
        }
        if (seconds < 1) {
            return complain("--watch: SECONDS is 1 or more", ExitCode.USAGE);
        }
        boolean isFirst = true;
        int exitCode;
        do {
            terminal().startPicture(isFirst);
            exitCode = show();
            isFirst = false;
        } while (exitCode == ExitCode.DONE
                && terminal().unwritten().isEmpty()
                && !host().awaitReadersEnd(Duration.ofSeconds(seconds)));
        return exitCode;
    }

    private int show() {
        VmText text = new VmText(terminal());
        if (name == null) {
            VmText.Table table = text.new Table();
            int exitCode = service.getLists(surroundings(), list(service.form()), BriefVm.class, table::add);
            if (service.form().isForPeople() && exitCode == ExitCode.DONE) {
                table.print();
            }
            return exitCode;
        }
        String path = "/v1/vms/" + PercentEncoding.encode(name.value());
        return service.get(surroundings(), path).show(VmView.class, text::vm);
    }

    /** A list without what is not shown of it. */
    private static String list(Form form) {
        return switch (form) {
            case TABLE, NAME -> "/v1/vms?brief=true";
            case JSON, YAML -> "/v1/vms";
        };
    }
}
