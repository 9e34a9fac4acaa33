package labeler.cli.option;

import java.util.function.Consumer;
import java.util.function.Function;
import labeler.api.ExitCode;
import labeler.cluster.setup.ClusterDesk;
import labeler.json.Json;
import labeler.registry.HostName;
import labeler.registry.Refusal;
import labeler.view.Terminal;

/** Shows what a cluster answers, in the form that was asked for. */
public record ClusterAnswer(Terminal terminal, Form form) {
    public <T> int show(ClusterDesk.Outcome<T> outcome, Function<T, Json> answer, Consumer<T> words) {
        return switch (outcome) {
            case ClusterDesk.Done<T>(T value) -> {
                if (form == Form.TABLE) {
                    words.accept(value);
                } else {
                    form.print(terminal, answer.apply(value));
                }
                yield ExitCode.DONE;
            }
            case ClusterDesk.Failed<T>(String message) -> complain(message, ExitCode.FAILED);
            case ClusterDesk.Refused<T>(Refusal refusal) -> complain(refusal.message(), exitCode(refusal));
        };
    }

    /** An answer about one host. */
    public int about(ClusterDesk.Outcome<HostName> outcome, Function<HostName, String> words) {
        return show(
                outcome,
                host -> Json.object().put("host", host.value()).build(),
                host -> terminal.print(words.apply(host)));
    }

    public int complain(String message, int exitCode) {
        terminal.complain(Terminal.safe(message));
        return exitCode;
    }

    private static int exitCode(Refusal refusal) {
        return switch (refusal) {
            case Refusal.Silent _, Refusal.NotUnderstood _ -> ExitCode.NO_SERVICE;
            case Refusal.AnotherStorage _ -> ExitCode.REFUSED;
            case Refusal.Conflict _, Refusal.Unmet _, Refusal.ShutOut _ -> ExitCode.CONFLICT;
        };
    }
}
