package labeler.cli;

import labeler.api.GuardBody;
import labeler.cli.option.Converters;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;
import labeler.view.VmText;
import labeler.vm.VmName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "guard",
        description = {
            "Puts a guard before the monitor of a running VM.",
            "A VM of labeler run has one from its start, at qmp.sock in its runtime directory and at each -qmp of its"
                    + " command line."
        },
        exitCodeList = {
            "0:done",
            "1:failed; nothing has changed",
            "2:usage",
            "3:refused: it is not the monitor of this VM, or it cannot be guarded",
            "4:conflict: the VM has a guard already",
            "5:no service, or not permitted"
        })
final class GuardCommand extends AbstractCommand {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Command(
            name = "attach",
            mixinStandardHelpOptions = true,
            description = {
                "Puts a guard before the monitor of a running VM.",
                "Clients connect at the same place afterwards. Where the VM has other monitors, labeler status says"
                        + " that the guard is partial."
            })
    int attach(
            @Parameters(paramLabel = "NAME", converter = Converters.OfVmName.class, description = "The VM.")
                    VmName name,
            @Option(
                            names = "--qmp",
                            required = true,
                            paramLabel = "SOCKET",
                            converter = Converters.OfQmpPath.class,
                            description = "The socket of the VM's QMP, made by qemu itself, to which nobody is"
                                    + " connected.")
                    HostPath qmp) {
        GuardBody body = new GuardBody(qmp.from(host().workingDirectory()));
        return service.post(surroundings(), ServiceOptions.path(name, "guard"), body)
                .show(VmView.class, new VmText(terminal())::vm);
    }
}
