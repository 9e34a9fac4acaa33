package labeler.guard.table;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;

/**
 * The commands of one qemu, and the types of their arguments: its answer to {@code query-qmp-schema}. The names of types
 * are numbers that mean nothing, but for the four that have a name here, since many commands share them.
 */
public final class Schema {
    /** A block node: {@code BlockdevOptions}. */
    static final String NODE = "NODE";

    /** The backend of a character device: {@code ChardevBackend}. */
    static final String CHARACTER_DEVICE = "CHARDEV";

    /** {@code ObjectOptions}. */
    static final String OBJECT = "OBJECT";

    /** {@code Netdev}. */
    static final String NETWORK_DEVICE = "NETDEV";

    private final Map<String, SchemaType> types;
    private final Map<String, String> commands;
    private final Map<String, String> shared;

    private Schema(Map<String, SchemaType> types, Map<String, String> commands) {
        this.types = types;
        this.commands = new TreeMap<>(commands);
        this.shared = new HashMap<>();
        share("blockdev-add", Optional.empty(), NODE);
        share("chardev-add", Optional.of("backend"), CHARACTER_DEVICE);
        share("object-add", Optional.empty(), OBJECT);
        share("netdev_add", Optional.empty(), NETWORK_DEVICE);
    }

    private void share(String command, Optional<String> member, String name) {
        Optional<String> type = Optional.ofNullable(commands.get(command));
        Optional<String> found = member.isEmpty()
                ? type
                : type.map(types::get)
                        .flatMap(of -> of instanceof SchemaType.Members members
                                ? Optional.ofNullable(members.members().get(member.get()))
                                : Optional.empty());
        found.ifPresent(of -> shared.put(of, name));
    }

    /** Reads the answer; entries that are none are left out, and then nothing that needs them is understood. */
    public static Schema of(Json answer) {
        Map<String, SchemaType> types = new HashMap<>();
        Map<String, String> commands = new HashMap<>();
        List<Json> entries = answer instanceof JsonArray(List<Json> elements) ? elements : List.of();
        for (Json entry : entries) {
            if (entry instanceof JsonObject object) {
                String name = object.text("name").orElse("");
                if (object.text("meta-type").equals(Optional.of("command"))) {
                    commands.put(name, object.text("arg-type").orElse(""));
                } else {
                    type(object).ifPresent(type -> types.put(name, type));
                }
            }
        }
        return new Schema(types, commands);
    }

    private static Optional<SchemaType> type(JsonObject entry) {
        return switch (entry.text("meta-type").orElse("")) {
            case "builtin" -> Optional.of(builtin(entry));
            case "enum" -> Optional.of(new SchemaType.Plain());
            case "array" -> entry.text("element-type").map(SchemaType.ListOf::new);
            case "alternate" -> Optional.of(new SchemaType.OneOf(texts(entry, "members", "type")));
            case "object" ->
                Optional.of(new SchemaType.Members(
                        pairs(entry, "members", "name"), entry.text("tag"), pairs(entry, "variants", "case")));
            default -> Optional.empty();
        };
    }

    private static SchemaType builtin(JsonObject entry) {
        return switch (entry.text("json-type").orElse("")) {
            case "string" -> new SchemaType.Text();
            case "value" -> new SchemaType.Anything();
            default -> new SchemaType.Plain();
        };
    }

    private static List<String> texts(JsonObject entry, String list, String member) {
        List<String> texts = new ArrayList<>();
        for (Json element : entry.elements(list)) {
            if (element instanceof JsonObject object) {
                object.text(member).ifPresent(texts::add);
            }
        }
        return texts;
    }

    private static Map<String, String> pairs(JsonObject entry, String list, String key) {
        Map<String, String> pairs = new HashMap<>();
        for (Json element : entry.elements(list)) {
            if (element instanceof JsonObject object) {
                pairs.put(object.text(key).orElse(""), object.text("type").orElse(""));
            }
        }
        return pairs;
    }

    /** The names of its commands, in their order. */
    public Set<String> commands() {
        return commands.keySet();
    }

    /** The type of a command's arguments. */
    Optional<String> argumentsOf(String command) {
        return Optional.ofNullable(commands.get(command));
    }

    Optional<SchemaType> type(String name) {
        return Optional.ofNullable(types.get(name));
    }

    /** The name under which the table knows a type that several commands share. */
    Optional<String> sharedName(String type) {
        return Optional.ofNullable(shared.get(type));
    }
}
