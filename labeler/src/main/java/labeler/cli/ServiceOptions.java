package labeler.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.api.ApiJson;
import labeler.api.ExitCode;
import labeler.arguments.PathConverter;
import labeler.arguments.PlainArguments;
import labeler.arguments.RawArguments;
import labeler.cli.option.Form;
import labeler.cli.option.FormOptions;
import labeler.client.PercentEncoding;
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
import labeler.view.Waiting;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options of all commands that ask the service: its socket, and the form of its answer. */
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

    @Mixin
    private final FormOptions form = new FormOptions();

    /** As these arguments have them. */
    void set(PlainArguments arguments) {
        socket = arguments.socket().map(new PathConverter()::convert).orElse(null);
        form.set(arguments.isJson());
    }

    Form form() {
        return form.form();
    }

    /** The URL path of an action on a VM. */
    static String path(VmName name, String verb) {
        return "/v1/vms/" + PercentEncoding.encode(name.value()) + "/" + verb;
    }

    Reply get(Surroundings surroundings, String path) {
        try (Waiting _ = waiting(surroundings)) {
            return new Reply(client(surroundings).get(path), surroundings.terminal(), form());
        }
    }

    Reply post(Surroundings surroundings, String path) {
        return post(surroundings, path, new byte[0]);
    }

    Reply post(Surroundings surroundings, String path, Record body) {
        return post(surroundings, path, ApiJson.body(body));
    }

    private Reply post(Surroundings surroundings, String path, byte[] body) {
        try (Waiting _ = waiting(surroundings)) {
            return new Reply(client(surroundings).post(path, body), surroundings.terminal(), form());
        }
    }

    private static Waiting waiting(Surroundings surroundings) {
        return Waiting.began(surroundings.terminal(), "waiting for the service");
    }

    private ServiceClient client(Surroundings surroundings) {
        HostPath chosen = Optional.ofNullable(socket)
                .or(() -> Optional.ofNullable(surroundings.host().environment().get(VARIABLE))
                        .flatMap(variable -> HostPath.parse(RawArguments.bytes(variable))))
                .orElse(DEFAULT_SOCKET);
        return new ServiceClient(chosen.jdkPath(), ServiceClient.PATIENCE);
    }

    /**
     * Asks for lists of any length, and prints them as JSON or in words.
     *
     * @param words gets each element, unless JSON is wanted
     * @return the exit code
     */
    <T extends Record> int getLists(Surroundings surroundings, String path, Class<T> type, Consumer<T> words) {
        Terminal terminal = surroundings.terminal();
        JsonListsWriter writer = new JsonListsWriter(true, terminal.escaping());
        Items items = new Items(terminal, form());
        JsonReader.TakingLists taking = switch (form()) {
            case TABLE -> new Elements<>(type, words);
            case JSON -> writer;
            case YAML, NAME -> items;
        };
        Outcome outcome = lists(surroundings, path, taking);
        if (!(outcome instanceof Answered answer && answer.succeeded())) {
            return new Reply(outcome, terminal, form()).show(type, _ -> {});
        }
        switch (form()) {
            case TABLE -> {}
            case JSON -> terminal.print(writer.end());
            case YAML, NAME -> items.end();
        }
        return ExitCode.DONE;
    }

    /** Whether all elements of an answer's lists could be read. */
    <T extends Record> boolean getElements(Surroundings surroundings, String path, Class<T> type, Consumer<T> taking) {
        return lists(surroundings, path, new Elements<>(type, taking)) instanceof Answered answer && answer.succeeded();
    }

    private Outcome lists(Surroundings surroundings, String path, JsonReader.TakingLists taking) {
        try (Waiting waiting = waiting(surroundings)) {
            return client(surroundings).get(path, body -> {
                // Elements are shown as they come.
                waiting.end();
                Optional<JsonReader.NotJson> wrong = new JsonReader().readLists(body, taking);
                if (wrong.isPresent()) {
                    throw new IOException(Reply.notUnderstood(wrong.get().message()));
                }
            });
        }
    }

    /** The elements of lists, each printed as it comes: in YAML with the lists' names. */
    private static final class Items implements JsonReader.TakingLists {
        private final Terminal terminal;
        private final Form form;

        /** The list that has no element so far: without one its name alone would be no empty list. */
        private Optional<String> begun = Optional.empty();

        Items(Terminal terminal, Form form) {
            this.terminal = terminal;
            this.form = form;
        }

        @Override
        public void list(String name) {
            end();
            begun = Optional.of(name);
        }

        @Override
        public void element(Json element) {
            if (form == Form.YAML) {
                begun.ifPresent(name -> terminal.print(name + ":"));
            }
            begun = Optional.empty();
            form.print(terminal, form == Form.YAML ? new Json.JsonArray(List.of(element)) : element);
        }

        /** After the last element. */
        void end() {
            if (form == Form.YAML) {
                begun.ifPresent(name -> terminal.print(name + ": []"));
            }
            begun = Optional.empty();
        }
    }

    /** The elements of lists of any name. */
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
