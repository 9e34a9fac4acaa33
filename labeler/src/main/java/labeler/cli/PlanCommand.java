package labeler.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import labeler.api.Refusal;
import labeler.api.StartBody;
import labeler.client.ServiceClient.NoService;
import labeler.client.ServiceClient.Outcome;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import labeler.problem.Problem;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "plan",
        description = {
            "Shows what a start would do, and does nothing.",
            "Asks the service, which knows the other VMs; without one, says what the definition and the images say."
        },
        exitCodeList = {
            "0:complete and safe",
            "1:failed",
            "2:usage",
            "3:a start would be refused: the definition or an image is unsafe or malformed",
            "4:a file or the level is in use by another VM"
        })
final class PlanCommand extends AbstractCommand {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Mixin
    private final DefinitionOptions definition = new DefinitionOptions();

    @Parameters(index = "0", paramLabel = "NAME", converter = Converters.OfVmName.class, description = "The VM.")
    private @Nullable VmName name;

    @Override
    public Integer call() {
        StartBody body;
        try {
            body = new StartBody(
                    definition.source(host()), Optional.ofNullable(name), Optional.empty(), Optional.empty());
        } catch (IOException e) {
            terminal().complain(String.valueOf(e.getMessage()));
            return ExitCode.FAILED;
        }
        byte[] json = JsonWriter.compact(body.json()).getBytes(StandardCharsets.UTF_8);
        Outcome outcome = service.post(main(), "/v1/plan", json);
        if (outcome instanceof NoService) {
            Optional<JsonObject> alone = host().plan(body);
            if (alone.isPresent()) {
                if (service.json()) {
                    terminal().print(alone.get());
                }
                terminal().complain("no service: what other VMs use is not known here");
                return show(alone.get());
            }
        }
        return service.finish(main(), outcome, this::show);
    }

    private int show(JsonObject vm) {
        if (!service.json()) {
            new VmText(terminal()).vm(vm);
        }
        return vm.elements("problems").stream().map(PlanCommand::exitCode).reduce(ExitCode.DONE, PlanCommand::worse);
    }

    /** Unsafe input outweighs a conflict, and either a failure, as in the service's refusals. */
    private static int worse(int one, int other) {
        if (one == ExitCode.REFUSED || other == ExitCode.REFUSED) {
            return ExitCode.REFUSED;
        }
        return Math.max(one, other);
    }

    private static int exitCode(Json problem) {
        String kind = VmText.text(VmText.object(problem), "kind");
        for (Problem.Kind known : Problem.Kind.values()) {
            if (known.name().equals(kind)) {
                return Refusal.status(known.severity()).exitCode();
            }
        }
        return ExitCode.REFUSED;
    }
}
