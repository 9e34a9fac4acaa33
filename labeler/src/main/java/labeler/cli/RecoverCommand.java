package labeler.cli;

import java.util.List;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "recover",
        description = "Finishes or takes back what a crash left half done, and gives back labels that no VM holds.",
        exitCodeList = {
            "0:nothing is left half done",
            "1:a label could not be given back",
            "2:usage",
            "5:no service, or not permitted"
        })
final class RecoverCommand extends AbstractCommand {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Option(names = "--dry-run", description = "Say what would be done, and do nothing.")
    private boolean dryRun;

    @Option(
            names = "--forget-lost",
            description = "Take files off the record that cannot be found, whatever label they may carry.")
    private boolean forgetLost;

    @Override
    public Integer call() {
        String path = "/v1/recover?dryRun=" + dryRun + "&forgetLost=" + forgetLost;
        return service.finish(main(), service.post(main(), path, new byte[0]), answer -> {
            int exitCode = ExitCode.DONE;
            for (Json element : answer.elements("vms")) {
                JsonObject report = VmText.object(element);
                if (!service.json()) {
                    terminal().print(VmText.text(report, "vm") + ": " + (dryRun ? "would be ended" : "ended"));
                    new VmText(terminal()).reports(report);
                }
                exitCode = Math.max(exitCode, StopCommand.exitCode(report));
            }
            List<Json> stale = answer.elements("stale");
            if (!service.json() && !stale.isEmpty()) {
                terminal().print("files that no VM holds:");
                new VmText(terminal()).files(stale);
            }
            if (!service.json() && stale.isEmpty() && answer.elements("vms").isEmpty()) {
                terminal().print("nothing to recover");
            }
            return StopCommand.anyFailed(stale) ? ExitCode.FAILED : exitCode;
        });
    }
}
