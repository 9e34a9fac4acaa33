package labeler.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.api.ApiJson;
import labeler.api.PercentEncoding;
import labeler.arguments.PathConverter;
import labeler.arguments.RawArguments;
import labeler.client.ServiceClient;
import labeler.client.ServiceClient.Answered;
import labeler.client.ServiceClient.Outcome;
import labeler.json.Json;
import labeler.json.JsonListsWriter;
import labeler.json.JsonReader;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Understood;
import labeler.linux.HostPath;
import labeler.view.Terminal;
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

    /** Where a VM is asked to do something. */
    static String path(VmName name, String verb) {
        return "/v1/vms/" + PercentEncoding.encode(name.value()) + "/" + verb;
    }

    Reply get(Surroundings surroundings, String path) {
        return new Reply(client(surroundings).get(path), surroundings.terminal(), json);
    }

    Reply post(Surroundings surroundings, String path) {
        return post(surroundings, path, new byte[0]);
    }

    Reply post(Surroundings surroundings, String path, Record body) {
        return post(surroundings, path, ApiJson.body(body));
    }

    private Reply post(Surroundings surroundings, String path, byte[] body) {
        return new Reply(client(surroundings).post(path, body), surroundings.terminal(), json);
    }

    private ServiceClient client(Surroundings surroundings) {
        HostPath chosen = Optional.ofNullable(socket)
                .or(() -> Optional.ofNullable(surroundings.host().environment().get(VARIABLE))
                        .flatMap(variable -> HostPath.parse(RawArguments.bytes(variable))))
                .orElse(DEFAULT_SOCKET);
        return new ServiceClient(chosen.jdkPath(), ServiceClient.PATIENCE);
    }

    /**
     * Asks for lists, of whatever length, and prints them: as JSON, or in words.
     *
     * @param words gets each element where JSON is not wanted
     * @return the exit code
     */
    <T extends Record> int getLists(Surroundings surroundings, String path, Class<T> type, Consumer<T> words) {
        Terminal terminal = surroundings.terminal();
        JsonListsWriter writer = new JsonListsWriter(true, terminal.escaping());
        Outcome outcome = lists(surroundings, path, json ? writer : new Elements<>(type, words));
        if (!(outcome instanceof Answered answer && answer.succeeded())) {
            return new Reply(outcome, terminal, json).show(type, _ -> {});
        }
        if (json) {
            terminal.print(writer.end());
        }
        return ExitCode.DONE;
    }

    /** Whether all elements of an answer's lists could be had. */
    <T extends Record> boolean getElements(Surroundings surroundings, String path, Class<T> type, Consumer<T> taking) {
        return lists(surroundings, path, new Elements<>(type, taking)) instanceof Answered answer && answer.succeeded();
    }

    private Outcome lists(Surroundings surroundings, String path, JsonReader.TakingLists taking) {
        return client(surroundings).get(path, body -> {
            Optional<JsonReader.NotJson> wrong = new JsonReader().readLists(body, taking);
            if (wrong.isPresent()) {
                throw new IOException(Reply.notUnderstood(wrong.get().message()));
            }
        });
    }

    /** The elements of lists, whatever their names. */
    private record Elements<T extends Record>(Class<T> type, Consumer<T> taking) implements JsonReader.TakingLists {
        @Override
        public void list(String name) {}

        @Override
        public void element(Json element) throws IOException {
            switch (ApiJson.readAnswer(type, element)) {
                case Understood<T>(T value) -> taking.accept(value);
                case NotUnderstood<T>(String message) -> throw new IOException(Reply.notUnderstood(message));
            }
        }
    }
}
