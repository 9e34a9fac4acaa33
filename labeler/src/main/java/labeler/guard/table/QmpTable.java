package labeler.guard.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonDecimal;
import labeler.json.Json.JsonInteger;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;

/** The commands of the qemu at hand, as the hand-kept table judges them: what either does not know is not understood. */
public final class QmpTable {
    private static final String DEVICE = "DEVICE";

    /** Types in {@code device-list-properties}: text, and lists of what may be text. Numbers and words name no file. */
    private static final Set<String> TEXT_TYPES = Set.of("str", "string", "list", "IOThreadVirtQueueMappingList");

    private final Schema schema;
    private final CommandTable roles;

    public QmpTable(Schema schema, CommandTable roles) {
        this.schema = schema;
        this.roles = roles;
    }

    /** The knowledge of a command. */
    public sealed interface Reading {}

    /** All of it is known; these are the texts in it. */
    public record Known(List<Mention> mentions) implements Reading {
        public Known {
            mentions = List.copyOf(mentions);
        }
    }

    /**
     * The table does not know it, or an argument of it.
     *
     * @param what the argument, and why
     */
    public record NotKnown(String what) implements Reading {}

    /** Whether this qemu has the command: what it has not, it refuses best itself. */
    public boolean isOfThisQemu(String command) {
        return schema.commands().contains(command);
    }

    /** Whether this qemu has no text of the command's that the table does not know, and none that names a file. */
    public boolean isHarmless(String command, JsonObject arguments) {
        return read(command, arguments) instanceof Known(List<Mention> mentions)
                && mentions.stream().noneMatch(mention -> mention.role().isOutside());
    }

    /**
     * Whether that can be told without a schema, as of most: the table knows each text where it stands. Words of a fixed
     * list are texts here.
     */
    public boolean isPlain(String command, JsonObject arguments) {
        return isPlain(arguments, new ArgumentPath(command, ""));
    }

    private boolean isPlain(Json value, ArgumentPath at) {
        return switch (value) {
            case JsonString _ -> roles.of(at).filter(role -> !role.isOutside()).isPresent();
            case JsonInteger _, JsonDecimal _, JsonBoolean _, JsonNull _ -> true;
            case JsonArray(List<Json> elements) -> elements.stream().allMatch(one -> isPlain(one, at.element()));
            case JsonObject object ->
                object.members().entrySet().stream()
                        .allMatch(member -> isPlain(member.getValue(), at.member(member.getKey())));
        };
    }

    /** The effect of a command; one that the table does not know could do anything. */
    public CommandClass classOf(String command) {
        return roles.of(command).orElse(CommandClass.DENY);
    }

    /** Finds every text in a command's arguments. */
    public Reading read(String command, JsonObject arguments) {
        Optional<String> type = schema.argumentsOf(command);
        if (type.isEmpty() || roles.of(command).isEmpty()) {
            return new NotKnown(command);
        }
        return new ArgumentReader(schema, roles).read(command, type.get(), arguments);
    }

    /**
     * Finds every text among the properties of a device that is added.
     *
     * @param properties what this qemu tells of the driver: the type of each property by its name
     */
    public Reading readDevice(JsonObject arguments, Map<String, String> properties) {
        List<Mention> mentions = new ArrayList<>();
        for (Map.Entry<String, Json> property : arguments.members().entrySet()) {
            ArgumentPath at = new ArgumentPath(DEVICE, "").member(property.getKey());
            Optional<TextRole> role = roles.of(at);
            if (role.isPresent()) {
                texts(property.getValue()).forEach(text -> mentions.add(new Mention(at, role.get(), text)));
            } else if (!properties.containsKey(property.getKey())) {
                return new NotKnown(at + " is unknown");
            } else if (mayBeText(property.getValue(), properties.get(property.getKey()))) {
                return new NotKnown(at + " is a text that the table does not know");
            }
        }
        return new Known(mentions);
    }

    private static boolean mayBeText(Json value, String type) {
        return switch (value) {
            case JsonString _ -> TEXT_TYPES.contains(type);
            case JsonArray _, JsonObject _ -> true;
            case JsonInteger _, JsonDecimal _, JsonBoolean _, JsonNull _ -> false;
        };
    }

    /** A number tells as much as a text: the bus of a USB device of the host. The decoder bounds the depth. */
    private static Stream<String> texts(Json value) {
        return switch (value) {
            case JsonString(String text) -> Stream.of(text);
            case JsonInteger(long number) -> Stream.of(Long.toString(number));
            case JsonDecimal(String digits) -> Stream.of(digits);
            case JsonBoolean _, JsonNull _ -> Stream.of("");
            case JsonArray(List<Json> elements) -> elements.stream().flatMap(QmpTable::texts);
            case JsonObject object -> object.members().values().stream().flatMap(QmpTable::texts);
        };
    }

    /** The properties of a device that may be text, and that the table does not know. */
    public List<String> unknownProperties(Map<String, String> properties) {
        return properties.entrySet().stream()
                .filter(property -> TEXT_TYPES.contains(property.getValue()))
                .map(Map.Entry::getKey)
                .filter(name ->
                        roles.of(new ArgumentPath(DEVICE, "").member(name)).isEmpty())
                .toList();
    }

    /** Commands that this qemu has and the table does not know, and arguments that could be names of files. */
    public List<String> unknown() {
        List<String> unknown = new ArrayList<>();
        for (String command : schema.commands()) {
            if (roles.of(command).isEmpty()) {
                unknown.add(command);
            }
        }
        for (ArgumentPath leaf : SchemaLeaves.of(schema)) {
            if (roles.of(leaf).isEmpty()) {
                unknown.add(leaf.toString());
            }
        }
        return unknown;
    }
}
