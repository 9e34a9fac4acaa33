package labeler.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
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
            "1:drift found, or no such VM, or failed",
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
        Optional<VmName> one = Optional.ofNullable(name);
        String path = one.map(vm -> ServiceOptions.path(vm, "verify")).orElse("/v1/verify");
        return service.finish(
                surroundings(), service.post(surroundings(), path, new byte[0]), this::completed, answer -> {
                    List<Json> reports = one.isPresent() ? List.of(answer) : answer.elements("vms");
                    long drift = 0;
                    for (Json report : reports) {
                        drift += VmText.object(report).number("drift").orElse(0L);
                        if (!service.json()) {
                            print(VmText.object(report));
                        }
                    }
                    if (!service.json() && reports.isEmpty()) {
                        terminal().print("no VMs");
                    }
                    return drift == 0 ? ExitCode.DONE : ExitCode.FAILED;
                });
    }

    private JsonObject completed(JsonObject answer) {
        OpenFilesCheck open = new OpenFilesCheck(surroundings(), service);
        return name != null
                ? open.compared(List.of(answer)).getFirst()
                : Json.object()
                        .put(
                                "vms",
                                open.compared(answer.elements("vms").stream()
                                        .map(VmText::object)
                                        .toList()))
                        .build();
    }

    private void print(JsonObject report) {
        JsonObject descriptors =
                report.get("descriptors").map(VmText::object).orElseGet(() -> VmText.object(Json.nothing()));
        long drift = report.number("drift").orElse(0L);
        terminal()
                .print(VmText.text(report, "vm") + ": "
                        + (drift == 0
                                ? report.elements("reports").size() + " files as they should be"
                                : drift + " not as it should be")
                        + descriptors
                                .text("message")
                                .map(why -> "; what its process has open was not compared: " + Terminal.safe(why))
                                .orElse(""));
        if (drift > 0) {
            VmText text = new VmText(terminal());
            text.reports(report);
            text.drift(descriptors.elements("drift"));
        }
    }
}
