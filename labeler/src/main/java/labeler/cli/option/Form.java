package labeler.cli.option;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.api.ApiJson;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.YamlWriter;
import labeler.view.Terminal;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The form of an answer. */
public enum Form {
    /** Words for people. */
    TABLE,
    JSON,
    YAML,
    /**
     * Only the names in the answer, one a line: of VMs; of the files of a chain; of hosts or storages; of the one thing that it
     * is about.
     */
    NAME;

    /** Where an answer has names: a list in it, and the member of an element. */
    private static final Map<String, String> LISTS =
            Map.of("vms", "vm", "domains", "domain", "nodes", "path", "hosts", "host", "storages", "storage");

    /** The member with the name of what a whole answer is about. */
    private static final List<String> SUBJECTS = List.of("vm", "module", "manager", "host", "storage");

    /** Whether people read it, and not a program. */
    public boolean isForPeople() {
        return this == TABLE;
    }

    /**
     * Prints an answer, in whatever form this is.
     *
     * @param words prints it for people
     */
    public void print(Terminal terminal, Record answer, Runnable words) {
        if (isForPeople()) {
            words.run();
        } else {
            print(terminal, ApiJson.write(answer));
        }
    }

    /** Prints an answer that has been made as JSON. */
    public void print(Terminal terminal, Json json) {
        switch (this) {
            case TABLE, JSON -> terminal.print(json);
            case YAML -> terminal.print(Terminal.escapeForTerminal(YamlWriter.text(json)));
            case NAME -> names(json).forEach(name -> terminal.print(Terminal.safe(name)));
        }
    }

    /** Prints one of many answers, on a line of its own where the form has lines. */
    public void printOne(Terminal terminal, Json json) {
        switch (this) {
            case TABLE, JSON -> terminal.printLine(json);
            case YAML -> {
                terminal.print("---");
                print(terminal, json);
            }
            case NAME -> print(terminal, json);
        }
    }

    private static List<String> names(Json json) {
        if (!(json instanceof JsonObject whole)) {
            return List.of();
        }
        List<String> listed = LISTS.entrySet().stream()
                .flatMap(list -> elements(whole, list.getKey()).flatMap(element -> name(element, list.getValue())))
                .toList();
        return listed.isEmpty()
                ? SUBJECTS.stream().flatMap(member -> name(whole, member)).toList()
                : listed;
    }

    private static Stream<Json> elements(JsonObject whole, String list) {
        return whole.get(list).filter(JsonArray.class::isInstance).map(JsonArray.class::cast).stream()
                .flatMap(array -> array.elements().stream());
    }

    private static Stream<String> name(Json element, String member) {
        return Optional.of(element).filter(JsonObject.class::isInstance).map(JsonObject.class::cast).stream()
                .flatMap(object -> object.text(member).stream());
    }

    /** Its word. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The words, for completion. */
    public static final class Words extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        Words() {
            super(Stream.of(values()).map(Form::word).toList());
        }
    }

    /** From the words. */
    public static final class Converter implements ITypeConverter<Form> {
        @Override
        public Form convert(String word) {
            return Stream.of(values())
                    .filter(form -> form.word().equals(word))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("not one of table, json, yaml, name"));
        }
    }
}
