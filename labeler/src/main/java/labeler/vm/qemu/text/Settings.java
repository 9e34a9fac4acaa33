package labeler.vm.qemu.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonDecimal;
import labeler.json.Json.JsonInteger;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;

/**
 * The settings in one argument, {@code key=value,…}, in their order. The grammar is that of qemu's
 * {@code util/qemu-option.c}: {@code ,,} stands for a comma in a value, the first value may go without its key, a key
 * without a value is switched on, or off if it begins with {@code no}. What {@code util/keyval.c} reads (for
 * {@code -blockdev}, {@code -object}, …) is a part of it. Of a repeated key the last counts.
 */
public record Settings(List<Setting> all) {
    public record Setting(String key, String value) {}

    private static final Set<String> ON = Set.of("on", "yes", "true", "y");
    private static final Set<String> OFF = Set.of("off", "no", "false", "n");

    /** Fewer digits than a long has at most. */
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    public Settings {
        all = List.copyOf(all);
    }

    /** Reads {@code key=value,…}. */
    public static Settings parse(String text) {
        return parse(text, "");
    }

    /** As {@link #parse(String)}, where a first value without a key is that of {@code impliedKey}. */
    public static Settings parse(String text, String impliedKey) {
        List<Setting> settings = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int keyEnd = at;
            while (keyEnd < text.length() && text.charAt(keyEnd) != '=' && text.charAt(keyEnd) != ',') {
                keyEnd++;
            }
            boolean hasValue = keyEnd < text.length() && text.charAt(keyEnd) == '=';
            StringBuilder value = new StringBuilder();
            String key = text.substring(at, keyEnd);
            if (hasValue) {
                at = readValue(text, keyEnd + 1, value);
            } else if (at == 0 && !impliedKey.isEmpty()) {
                key = impliedKey;
                at = readValue(text, 0, value);
            } else {
                value.append(key.startsWith("no") ? "off" : "on");
                key = key.startsWith("no") ? key.substring(2) : key;
                at = keyEnd + 1;
            }
            settings.add(new Setting(key, value.toString()));
        }
        return new Settings(settings);
    }

    /** Appends the value that begins at {@code start}; returns where the next setting begins. */
    private static int readValue(String text, int start, StringBuilder value) {
        int at = start;
        while (at < text.length()) {
            if (text.charAt(at) == ',') {
                at++;
                if (at == text.length() || text.charAt(at) != ',') {
                    return at;
                }
            }
            value.append(text.charAt(at));
            at++;
        }
        return at;
    }

    /** A JSON object's leaves; the key of a nested one is its path, with dots. */
    public static Settings of(JsonObject object) {
        List<Setting> settings = new ArrayList<>();
        flatten("", object, settings);
        return new Settings(settings);
    }

    /** Recursion is bounded by the JSON reader's depth. */
    private static void flatten(String key, Json json, List<Setting> settings) {
        String prefix = key.isEmpty() ? "" : key + ".";
        switch (json) {
            case JsonObject(Map<String, Json> members) ->
                members.forEach((name, value) -> flatten(prefix + name, value, settings));
            case JsonArray(List<Json> elements) -> {
                for (int i = 0; i < elements.size(); i++) {
                    flatten(prefix + i, elements.get(i), settings);
                }
            }
            case JsonString(String text) -> settings.add(new Setting(key, text));
            case JsonInteger(long number) -> settings.add(new Setting(key, Long.toString(number)));
            case JsonDecimal(String digits) -> settings.add(new Setting(key, digits));
            case JsonBoolean(boolean value) -> settings.add(new Setting(key, value ? "on" : "off"));
            case JsonNull() -> {}
        }
    }

    /** The last value of the key. */
    public Optional<String> get(String key) {
        OptionalInt last = last(key);
        return last.isPresent() ? Optional.of(all.get(last.getAsInt()).value) : Optional.empty();
    }

    /** Where the value stands that counts. */
    public OptionalInt last(String key) {
        return IntStream.iterate(all.size() - 1, i -> i >= 0, i -> i - 1)
                .filter(i -> all.get(i).key.equals(key))
                .findFirst();
    }

    /** The value of the key, empty text where it is absent. */
    public String text(String key) {
        return get(key).orElse("");
    }

    public boolean has(String key) {
        return get(key).isPresent();
    }

    public boolean isOn(String key) {
        return get(key).filter(ON::contains).isPresent();
    }

    /** A switch; anything else stays text, for qemu to refuse. */
    public static Json onOff(String text) {
        return ON.contains(text) || OFF.contains(text) ? Json.of(ON.contains(text)) : Json.of(text);
    }

    /** A number, if it is one that fits; anything else stays text, for qemu to refuse. */
    public static Json number(String text) {
        return NUMBER.matcher(text).matches() ? Json.of(Long.parseLong(text)) : Json.of(text);
    }

    public static boolean isOn(String key, JsonObject options) {
        return options.get(key)
                .filter(value -> switch (value) {
                    case JsonBoolean(boolean set) -> set;
                    case JsonString(String text) -> ON.contains(text);
                    case JsonArray _, JsonObject _, JsonInteger _, JsonDecimal _, JsonNull _ -> false;
                })
                .isPresent();
    }

    /** These settings and one more, which counts. */
    public Settings with(String key, String value) {
        List<Setting> more = new ArrayList<>(all);
        more.add(new Setting(key, value));
        return new Settings(more);
    }

    /** These settings with another value of one of them. */
    Settings withValue(int index, String value) {
        List<Setting> changed = new ArrayList<>(all);
        changed.set(index, new Setting(all.get(index).key, value));
        return new Settings(changed);
    }

    /** These settings less some keys. */
    public Settings without(Set<String> keys) {
        return new Settings(
                all.stream().filter(setting -> !keys.contains(setting.key)).toList());
    }

    /** These settings with the leaves of a value in place of all that the key has, and the keys below it. */
    Settings replacing(String key, Json value) {
        List<Setting> changed = new ArrayList<>(all.stream()
                .filter(setting -> !setting.key.equals(key) && !setting.key.startsWith(key + "."))
                .toList());
        flatten(key, value, changed);
        return new Settings(changed);
    }

    /** As one argument that is read as these settings again, each with its key and its value. */
    public String text() {
        return all.stream()
                .map(setting -> setting.key + "=" + setting.value.replace(",", ",,"))
                .collect(Collectors.joining(","));
    }

    /** As the tree that dotted keys make; empty where they contradict each other ({@code a=1,a.b=2}). */
    public Optional<JsonObject> tree() {
        return tree(all, MAXIMUM_PARTS);
    }

    /** As deep as the JSON reader goes. */
    private static final int MAXIMUM_PARTS = 64;

    /** Recursion is bounded by {@link #MAXIMUM_PARTS}. */
    private static Optional<JsonObject> tree(List<Setting> settings, int parts) {
        Map<String, Json> members = new LinkedHashMap<>();
        Map<String, List<Setting>> below = new LinkedHashMap<>();
        for (Setting setting : settings) {
            int dot = setting.key.indexOf('.');
            if (dot < 0) {
                members.put(setting.key, new JsonString(setting.value));
            } else {
                String key = setting.key.substring(0, dot);
                members.putIfAbsent(key, new JsonNull());
                below.computeIfAbsent(key, _ -> new ArrayList<>())
                        .add(new Setting(setting.key.substring(dot + 1), setting.value));
            }
        }
        if (parts == 1 && !below.isEmpty()) {
            return Optional.empty();
        }
        for (Map.Entry<String, List<Setting>> entry : below.entrySet()) {
            Optional<JsonObject> inner = tree(entry.getValue(), parts - 1);
            if (inner.isEmpty() || members.get(entry.getKey()) instanceof JsonString) {
                return Optional.empty();
            }
            members.put(entry.getKey(), inner.get());
        }
        return Optional.of(new JsonObject(members));
    }
}
