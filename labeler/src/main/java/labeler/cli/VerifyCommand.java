package labeler.cli;

import java.util.List;
import java.util.concurrent.Callable;
import labeler.api.ExitCode;
import labeler.api.OpenFiles;
import labeler.api.Report.AllVerified;
import labeler.api.Report.Verified;
import labeler.cli.option.Converters;
import labeler.view.Terminal;
import labeler.view.VmText;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = "Compares the labels on disk, the journal and the kernel, and what the VM's process has"
                + " open, for one VM or all. Of what is open only root can tell.",
        exitCodeList = {
            "0:all as it should be",
            "1:drift found, or no such VM, or failed, or root could not look at what a process has open",
            "2:usage",
            "5:no service, or not permitted"
        })
final class VerifyCommand extends AbstractCommand implements Callable<Integer> {
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
        OpenFilesCheck check = new OpenFilesCheck(surroundings(), service);
        if (name != null) {
            return service.post(surroundings(), ServiceOptions.path(name, "verify"))
                    .show(
                            Verified.class,
                            one -> check.compared(List.of(one)).getFirst(),
                            one -> print(one, text),
                            one -> exitCode(List.of(one), check));
        }
        return service.post(surroundings(), "/v1/verify")
                .show(
                        AllVerified.class,
                        all -> new AllVerified(check.compared(all.vms())),
                        all -> print(all, text),
                        all -> exitCode(all.vms(), check));
    }

    private static int exitCode(List<Verified> all, OpenFilesCheck check) {
        return !check.hasFailed() && all.stream().allMatch(one -> one.drift() == 0) ? ExitCode.DONE : ExitCode.FAILED;
    }

    private void print(AllVerified all, VmText text) {
        all.vms().forEach(one -> print(one, text));
        if (all.vms().isEmpty()) {
            terminal().print("no VMs");
        }
    }

    private void print(Verified one, VmText text) {
        terminal()
                .print(one.report().vm() + ": "
                        + (one.drift() == 0
                                ? one.report().reports().size() + " files as they should be"
                                : one.drift() + " not as it should be")
                        + one.descriptors()
                                .flatMap(OpenFiles::message)
                                .map(why -> "; what its process has open was not compared: " + Terminal.safe(why))
                                .orElse(""));
        if (one.drift() > 0) {
            text.report(one.report());
            one.descriptors().flatMap(OpenFiles::drift).ifPresent(text::drift);
        }
    }
}
