package labeler.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.api.ApiJson;
import labeler.api.Refusal;
import labeler.api.StartBody;
import labeler.api.StartBody.Source;
import labeler.client.ServiceClient.NoService;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.VmView;
import labeler.problem.Problem;
import labeler.view.VmText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
final class PlanCommand extends AbstractCommand implements Callable<Integer> {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Mixin
    private final DefinitionOptions definition = new DefinitionOptions();

    @Override
    public Integer call() {
        Optional<Source> source = definition.source(surroundings());
        if (source.isEmpty()) {
            return ExitCode.FAILED;
        }
        StartBody body = new StartBody(
                Optional.of(definition.name()), source.get(), Optional.empty(), Optional.empty(), Optional.empty());
        Reply reply = service.post(surroundings(), "/v1/plan", body);
        if (reply.outcome() instanceof NoService) {
            return alone(body);
        }
        return reply.show(VmView.class, new VmText(terminal())::vm, PlanCommand::exitCode);
    }

    private int alone(StartBody body) {
        try {
            return switch (host().plan(body)) {
                case PlanOutcome.Planned(VmView vm) -> {
                    if (service.json()) {
                        terminal().print(ApiJson.write(vm));
                    }
                    terminal().complain("no service: what other VMs use is not known here");
                    if (!service.json()) {
                        new VmText(terminal()).vm(vm);
                    }
                    yield exitCode(vm);
                }
                case PlanOutcome.NotPlanned(List<Problem> problems) -> {
                    problems.forEach(problem -> terminal().complain(problem.message()));
                    yield Refusal.because(problems).status().exitCode();
                }
            };
        } catch (IOException e) {
            terminal().complain(String.valueOf(e.getMessage()));
            return ExitCode.FAILED;
        }
    }

    private static int exitCode(VmView vm) {
        return vm.problems().stream()
                .map(problem -> Refusal.status(problem.kind().severity()).exitCode())
                .reduce(ExitCode.DONE, PlanCommand::worse);
    }

    /** Unsafe input outweighs a conflict, and either a failure, as in the service's refusals. */
    private static int worse(int one, int other) {
        if (one == ExitCode.REFUSED || other == ExitCode.REFUSED) {
            return ExitCode.REFUSED;
        }
        return Math.max(one, other);
    }
}
