package labeler.vm.qemu.hotplug;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.JsonReader;
import labeler.vm.qemu.text.Settings;

/**
 * What {@code -device} says.
 *
 * @param members in Unicode
 * @param typed whether they came as JSON; settings are all text
 */
public record DeviceSettings(JsonObject members, boolean typed) {
    static Optional<DeviceSettings> read(String argument) {
        if (argument.startsWith("{")) {
            return new JsonReader().read(argument) instanceof JsonReader.Value(JsonObject object)
                    ? Optional.of(new DeviceSettings(object, true))
                    : Optional.empty();
        }
        return Settings.parse(argument, "driver").tree().map(tree -> new DeviceSettings(tree, false));
    }

    /** The same, with this id if it has none. */
    DeviceSettings withId(String id) {
        Map<String, Json> all = new LinkedHashMap<>(members.members());
        all.putIfAbsent("id", new JsonString(id));
        return new DeviceSettings(new JsonObject(all), typed);
    }

    /** Empty text where it is absent, or no text. */
    public String text(String key) {
        return members.text(key).orElse("");
    }

    /**
     * The arguments of {@code device_add}.
     *
     * @param types what qemu's {@code device-list-properties} has as the type of each property
     */
    public JsonObject arguments(Map<String, String> types) {
        if (typed) {
            return members;
        }
        Map<String, Json> all = new LinkedHashMap<>();
        members.members()
                .forEach((key, value) -> all.put(
                        key,
                        value instanceof JsonString(String text) ? typed(text, types.getOrDefault(key, "")) : value));
        return new JsonObject(all);
    }

    private static Json typed(String text, String type) {
        if (type.equals("bool")) {
            return Settings.onOff(text);
        }
        boolean number = type.startsWith("int") || type.startsWith("uint") || type.equals("size");
        return number ? Settings.number(text) : Json.of(text);
    }
}
