package labeler.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import labeler.api.PercentEncoding;
import labeler.api.Refusal;
import labeler.arguments.PathConverter;
import labeler.arguments.RawArguments;
import labeler.client.ServiceClient;
import labeler.client.ServiceClient.Answered;
import labeler.client.ServiceClient.Broken;
import labeler.client.ServiceClient.NoService;
import labeler.client.ServiceClient.Outcome;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonListsWriter;
import labeler.json.JsonReader;
import labeler.linux.HostPath;
import labeler.view.Terminal;
import labeler.view.VmText;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What all commands that ask the service have in common: where it is, and what becomes of its answer. */
final class ServiceOptions {
    private static final String VARIABLE = "LABELER_SOCKET";
    private static final HostPath DEFAULT_SOCKET = HostPath.of("/run/labeler/labeler.sock");

    @Option(
            names = "--socket",
            scope = ScopeType.INHERIT,
            paramLabel = "PATH",
            converter = PathConverter.class,
            description = "The service's socket; $LABELER_SOCKET or /run/labeler/labeler.sock by default.")
    private @Nullable HostPath socket;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print the result as JSON.")
    private boolean json;

    boolean json() {
        return json;
    }

    /** What to do with an answer that is a success. */
    @FunctionalInterface
    interface Rendering {
        /** Prints it and says how the command ends. */
        int render(JsonObject answer);
    }

    /** Where a VM is asked to do something. */
    static String path(VmName name, String verb) {
        return "/v1/vms/" + PercentEncoding.encode(name.value()) + "/" + verb;
    }

    Outcome get(Surroundings surroundings, String path) {
        return client(surroundings).get(path);
    }

    Outcome post(Surroundings surroundings, String path, byte[] body) {
        return client(surroundings).post(path, body);
    }

    private ServiceClient client(Surroundings surroundings) {
        HostPath chosen = Optional.ofNullable(socket)
                .or(() -> Optional.ofNullable(surroundings.host().environment().get(VARIABLE))
                        .flatMap(variable -> HostPath.parse(RawArguments.bytes(variable))))
                .orElse(DEFAULT_SOCKET);
        return new ServiceClient(chosen.jdkPath(), ServiceClient.PATIENCE);
    }

    /** Prints the answer, as JSON or in words, or why there is none; returns the exit code. */
    int finish(Surroundings surroundings, Outcome outcome, Rendering rendering) {
        return finish(surroundings, outcome, UnaryOperator.identity(), rendering);
    }

    /**
     * As the other.
     *
     * @param completing adds to an answer that is a success
     */
    int finish(Surroundings surroundings, Outcome outcome, UnaryOperator<JsonObject> completing, Rendering rendering) {
        Terminal terminal = surroundings.terminal();
        return switch (outcome) {
            case NoService(String message) -> {
                terminal.complain(message);
                yield ExitCode.NO_SERVICE;
            }
            case Broken(String message) -> {
                terminal.complain(message);
                yield ExitCode.FAILED;
            }
            case Answered answer -> {
                if (!(new JsonReader().read(answer.body()) instanceof JsonReader.Value(JsonObject object))) {
                    terminal.complain("the service's answer is not understood (HTTP " + answer.status() + ")");
                    yield ExitCode.FAILED;
                }
                JsonObject whole = answer.succeeded() ? completing.apply(object) : object;
                if (json) {
                    terminal.print(whole);
                }
                yield answer.succeeded() ? rendering.render(whole) : refused(terminal, answer.status(), whole);
            }
        };
    }

    /**
     * Asks for lists, of whatever length, and prints them: as JSON, or in words.
     *
     * @param words gets each element where JSON is not wanted
     * @return the exit code
     */
    int getLists(Surroundings surroundings, String path, Consumer<Json> words) {
        Terminal terminal = surroundings.terminal();
        JsonListsWriter writer = new JsonListsWriter(true, terminal.escaping());
        Outcome outcome = lists(surroundings, path, json ? writer : new Elements(words));
        if (!(outcome instanceof Answered answer && answer.succeeded())) {
            return finish(surroundings, outcome, _ -> ExitCode.DONE);
        }
        if (json) {
            terminal.print(writer.end());
        }
        return ExitCode.DONE;
    }

    /** Whether all elements of an answer's lists could be had. */
    boolean getElements(Surroundings surroundings, String path, Consumer<Json> taking) {
        return lists(surroundings, path, new Elements(taking)) instanceof Answered answer && answer.succeeded();
    }

    private Outcome lists(Surroundings surroundings, String path, JsonReader.TakingLists taking) {
        return client(surroundings).get(path, body -> {
            Optional<JsonReader.NotJson> wrong = new JsonReader().readLists(body, taking);
            if (wrong.isPresent()) {
                throw new IOException(
                        "the service's answer is not understood (" + wrong.get().message() + ")");
            }
        });
    }

    /** The elements of lists, whatever their names. */
    private record Elements(Consumer<Json> taking) implements JsonReader.TakingLists {
        @Override
        public void list(String name) {}

        @Override
        public void element(Json element) {
            taking.accept(element);
        }
    }

    private static int refused(Terminal terminal, int status, JsonObject error) {
        terminal.complain(error.text("message").orElse("the service refuses (HTTP " + status + ")"));
        if (error.elements("problems").size() > 1) {
            for (Json problem : error.elements("problems")) {
                terminal.err().println("  " + VmText.problem(problem));
            }
        }
        return Refusal.Status.ofHttp(status).exitCode();
    }
}
