package labeler.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import labeler.view.VmText;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "relabel",
        description = "Sets a VM's labels again where they were lost, to a restorecon, say.",
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
        return service.finish(surroundings(), service.post(surroundings(), path, new byte[0]), answer -> {
            if (!service.json()) {
                terminal()
                        .print(VmText.text(answer, "vm") + ": "
                                + (dryRun
                                        ? answer.number("wouldChange").orElse(0L) + " labels would be set"
                                        : answer.number("relabelled").orElse(0L) + " labels set again"));
                new VmText(terminal()).reports(answer);
            }
            return ReportExit.of(answer);
        });
    }
}
