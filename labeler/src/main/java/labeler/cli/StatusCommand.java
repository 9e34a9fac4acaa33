package labeler.cli;

import java.util.Optional;
import labeler.api.PercentEncoding;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "status",
        description = "Shows the VMs that are held, or one of them with each of its files.",
        exitCodeList = {"0:shown", "1:no such VM, or failed", "2:usage", "5:no service, or not permitted"})
final class StatusCommand extends AbstractCommand {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            converter = Converters.OfVmName.class,
            description = "The VM; all of them by default.")
    private @Nullable VmName name;

    @Override
    public Integer call() {
        VmText text = new VmText(terminal());
        Optional<VmName> one = Optional.ofNullable(name);
        String path = "/v1/vms"
                + one.map(vm -> "/" + PercentEncoding.encode(vm.value())).orElse("");
        return service.finish(main(), service.get(main(), path), answer -> {
            if (!service.json() && one.isPresent()) {
                text.vm(answer);
            } else if (!service.json()) {
                text.table(answer.elements("vms"));
            }
            return ExitCode.DONE;
        });
    }
}
