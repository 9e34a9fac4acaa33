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
        if (outcome instanceof ClusterDesk.Done<T>(T value)) {
            if (form.isForPeople()) {
                words.accept(value);
            } else {
                form.print(terminal, answer.apply(value));
            }
        }
        return show(outcome);
    }

    /** Shows only why there is no answer. */
    public int show(ClusterDesk.Outcome<?> outcome) {
        return switch (outcome) {
            case ClusterDesk.Done<?> _ -> ExitCode.DONE;
            case ClusterDesk.Failed<?> failed -> complain(failed.message(), ExitCode.FAILED);
            case ClusterDesk.Refused<?> refused ->
                complain(refused.refusal().message() + wayOut(refused.refusal()), exitCode(refused.refusal()));
        };
    }

    /** The words of etcd are for its own people (rpctypes/error.go). */
    private static String wayOut(Refusal refusal) {
        if (!(refusal instanceof Refusal.Denied(String why))) {
            return "";
        }
        if (why.contains("permission denied")) {
            return "; name a user of etcd who may do this, by --admin USER and --admin-password-file FILE";
        }
        return why.contains("database space exceeded")
                ? "; nothing starts on shared storage and no label there goes back: compact and defragment etcd, or raise its"
                        + " --quota-backend-bytes, and then: etcdctl alarm disarm"
                : "";
    }

    /** An answer about one host. */
    public int about(ClusterDesk.Outcome<HostName> outcome, Function<HostName, String> words) {
        return show(
                outcome,
                host -> Json.object().put("host", host.value()).build(),
                host -> terminal.print(words.apply(host)));
    }

    /** A host of which somebody said that it is off. */
    public int stillRuns(HostName host) {
        return complain(
                "host " + host
                        + " runs and has answered since: it is not off, and fenced no more; another host may have"
                        + " taken over its files already. End the VMs that its log names, or switch it off and fence it again",
                ExitCode.CONFLICT);
    }

    /** The words for a host that has not answered since. */
    public static String fenced(HostName host) {
        return "host " + host + " is fenced; a host that has the storage gives back what it held, within half a minute";
    }

    public int complain(String message, int exitCode) {
        terminal.complain(message);
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
