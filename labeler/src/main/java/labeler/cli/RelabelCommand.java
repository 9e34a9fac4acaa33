package labeler.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import labeler.api.ExitCode;
import labeler.api.Report;
import labeler.cli.option.Converters;
import labeler.view.VmText;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "relabel",
        description = "Sets a VM's labels again, for example after a restorecon.",
        exitCodeList = {
            "0:every file has its label",
            "1:no such VM, or a label could not be set",
            "2:usage",
            "5:no service, or not permitted"
        })
final class RelabelCommand extends AbstractCommand implements Callable<Integer> {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Option(names = "--dry-run", description = "Say what would be set, and set nothing.")
    private boolean dryRun;

    @Parameters(paramLabel = "NAME", converter = Converters.OfVmName.class, description = "The VM.")
    private @Nullable VmName name;

    @Override
    public Integer call() {
        String path = ServiceOptions.path(Objects.requireNonNull(name), "relabel") + (dryRun ? "?dryRun=true" : "");
        return service.post(surroundings(), path)
                .show(Report.Relabelled.class, this::print, relabelled -> ExitCode.of(relabelled.report()));
    }

    private void print(Report.Relabelled relabelled) {
        terminal()
                .print(relabelled.report().vm() + ": "
                        + (dryRun
                                ? relabelled.wouldChange() + " labels would be set"
                                : relabelled.relabelled() + " labels set again"));
        new VmText(terminal()).report(relabelled.report());
    }
}
