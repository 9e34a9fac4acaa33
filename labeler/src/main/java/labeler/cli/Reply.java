package labeler.cli;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import labeler.api.ApiJson;
import labeler.api.ExitCode;
import labeler.api.Refusal;
import labeler.cli.option.Form;
import labeler.client.ServiceClient.Answered;
import labeler.client.ServiceClient.Broken;
import labeler.client.ServiceClient.NoService;
import labeler.client.ServiceClient.Outcome;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Understood;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.VmView;
import labeler.problem.Problem;
import labeler.view.Terminal;
import labeler.view.VmText;

/**
 * The result of a request to the service.
 *
 * @param form the form in which it is printed
 */
record Reply(Outcome outcome, Terminal terminal, Form form) {
    /** The same. A success is printed in words whatever the options say; a refusal is as they say. */
    Reply inWords() {
        return outcome instanceof Answered answer && !answer.succeeded()
                ? this
                : new Reply(outcome, terminal, Form.TABLE);
    }

    /** Prints a refusal of this program itself as one of the service's. Returns the exit code. */
    static int refused(Terminal terminal, Form form, Refusal refusal) {
        printRefusal(terminal, form, refusal.json());
        new VmText(terminal).refused(refusal.body());
        return refusal.status().exitCode();
    }

    private static void printRefusal(Terminal terminal, Form form, JsonObject refusal) {
        switch (form) {
            case JSON, YAML -> form.print(terminal, refusal);
            case TABLE, NAME -> {}
        }
    }

    /** Prints the answer, as JSON or in words, or the reason why there is none. Returns the exit code. */
    <T extends Record> int show(Class<T> type, Consumer<T> words) {
        return show(type, words, _ -> ExitCode.DONE);
    }

    /**
     * As the other.
     *
     * @param exitCode the command's exit code for this answer
     */
    <T extends Record> int show(Class<T> type, Consumer<T> words, ToIntFunction<T> exitCode) {
        return show(type, UnaryOperator.identity(), words, exitCode);
    }

    /**
     * As the others.
     *
     * @param completing completes a successful answer
     */
    <T extends Record> int show(
            Class<T> type, UnaryOperator<T> completing, Consumer<T> words, ToIntFunction<T> exitCode) {
        return switch (outcome) {
            case NoService(String message) -> failed(message, ExitCode.NO_SERVICE);
            case Broken(String message) -> failed(message, ExitCode.FAILED);
            case Answered answer
            when new JsonReader().read(answer.body()) instanceof JsonReader.Value(JsonObject whole) ->
                answer.succeeded()
                        ? answered(type, whole, completing, words, exitCode)
                        : refused(answer.status(), whole);
            case Answered answer -> failed(notUnderstood("HTTP " + answer.status()), ExitCode.FAILED);
        };
    }

    /** A plan, or the reasons for having none. Nothing is printed. */
    PlanOutcome plan() {
        return switch (outcome) {
            case NoService(String message) -> notPlanned(message);
            case Broken(String message) -> notPlanned(message);
            case Answered answer
            when new JsonReader().read(answer.body()) instanceof JsonReader.Value(JsonObject whole) ->
                answer.succeeded()
                        ? switch (ApiJson.readAnswer(VmView.class, whole)) {
                            case NotUnderstood<VmView>(String message) -> notPlanned(notUnderstood(message));
                            case Understood<VmView>(VmView vm) -> new PlanOutcome.Planned(vm);
                        }
                        : switch (ApiJson.readAnswer(Refusal.Body.class, whole)) {
                            case NotUnderstood<Refusal.Body>(String message) -> notPlanned(notUnderstood(message));
                            case Understood<Refusal.Body>(Refusal.Body body) ->
                                body.problems().isEmpty()
                                        ? notPlanned(body.message())
                                        : new PlanOutcome.NotPlanned(body.problems());
                        };
            case Answered answer -> notPlanned(notUnderstood("HTTP " + answer.status()));
        };
    }

    /** The exit code of a command that does not get what it asked for. */
    int failure() {
        return switch (outcome) {
            case NoService _ -> ExitCode.NO_SERVICE;
            case Broken _ -> ExitCode.FAILED;
            case Answered answer ->
                answer.succeeded()
                        ? ExitCode.FAILED
                        : Refusal.Status.ofHttp(answer.status()).exitCode();
        };
    }

    private static PlanOutcome notPlanned(String message) {
        return new PlanOutcome.NotPlanned(List.of(new Problem(Problem.Kind.NOT_ANSWERING, Optional.empty(), message)));
    }

    private int failed(String message, int exitCode) {
        terminal.complain(message);
        return exitCode;
    }

    static String notUnderstood(String why) {
        return "the service's answer is not understood (" + why + "); are both of one version?";
    }

    private <T extends Record> int answered(
            Class<T> type,
            JsonObject whole,
            UnaryOperator<T> completing,
            Consumer<T> words,
            ToIntFunction<T> exitCode) {
        return switch (ApiJson.readAnswer(type, whole)) {
            case NotUnderstood<T>(String message) -> {
                if (!form.isForPeople()) {
                    form.print(terminal, whole);
                }
                yield failed(notUnderstood(message), ExitCode.FAILED);
            }
            case Understood<T>(T value) -> {
                T completed = completing.apply(value);
                if (form.isForPeople()) {
                    words.accept(completed);
                } else {
                    form.print(terminal, completed.equals(value) ? whole : ApiJson.write(completed));
                }
                yield exitCode.applyAsInt(completed);
            }
        };
    }

    private int refused(int status, JsonObject whole) {
        printRefusal(terminal, form, whole);
        Refusal.Body error = switch (ApiJson.readAnswer(Refusal.Body.class, whole)) {
            case Understood<Refusal.Body>(Refusal.Body body) -> body;
            case NotUnderstood<Refusal.Body>(String message) ->
                new Refusal.Body("", "refused (HTTP " + status + "): " + notUnderstood(message), List.of());
        };
        new VmText(terminal).refused(error);
        return Refusal.Status.ofHttp(status).exitCode();
    }
}
