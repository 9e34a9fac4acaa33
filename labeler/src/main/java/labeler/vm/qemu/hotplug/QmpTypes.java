package labeler.vm.qemu.hotplug;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.vm.qemu.text.ByteText;

/** Settings, which are all text, in the types that QMP insists on. */
final class QmpTypes {
    /** Of qemu 10.0's {@code BlockdevOptions}; whatever is not here is text, or has to be written as JSON. */
    private static final Set<String> SWITCHES = Set.of(
            "read-only",
            "auto-read-only",
            "force-share",
            "direct",
            "no-flush",
            "lazy-refcounts",
            "pass-discard-request",
            "pass-discard-snapshot",
            "pass-discard-other",
            "discard-no-unref",
            "drop-cache",
            "x-check-cache-dropped");

    private static final Set<String> NUMBERS = Set.of(
            "offset",
            "size",
            "cache-size",
            "l2-cache-size",
            "l2-cache-entry-size",
            "refcount-cache-size",
            "cache-clean-interval",
            "aio-max-batch");

    private static final Set<String> ON = Set.of("on", "yes", "true", "y");
    private static final Set<String> OFF = Set.of("off", "no", "false", "n");

    /** Fewer digits than a long has at most. */
    private static final int MOST_DIGITS = 18;

    private QmpTypes() {}

    /** Recursion is bounded by the depth of settings. */
    static JsonObject typed(JsonObject tree) {
        Map<String, Json> members = new LinkedHashMap<>();
        tree.members()
                .forEach((key, value) -> members.put(
                        key,
                        switch (value) {
                            case JsonString(String text) when SWITCHES.contains(key) -> onOff(text);
                            case JsonString(String text) when NUMBERS.contains(key) -> number(text);
                            case JsonObject inner -> typed(inner);
                            case JsonString _,
                                    JsonArray _,
                                    Json.JsonInteger _,
                                    Json.JsonDecimal _,
                                    Json.JsonBoolean _ -> value;
                            case Json.JsonNull _ -> value;
                        }));
        return new JsonObject(members);
    }

    /** Anything else stays text, for qemu to refuse. */
    static Json onOff(String text) {
        if (ON.contains(text)) {
            return Json.of(true);
        }
        return OFF.contains(text) ? Json.of(false) : Json.of(text);
    }

    static Json number(String text) {
        boolean digits =
                !text.isEmpty() && text.length() <= MOST_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Json.of(Long.parseLong(text)) : Json.of(text);
    }

    /** From text in bytes to text; empty where it is not UTF-8. Recursion is bounded by the JSON reader's depth. */
    static Optional<Json> unicode(Json json) {
        return switch (json) {
            case JsonString(String bytes) -> unicode(bytes).map(JsonString::new);
            case JsonArray(List<Json> elements) -> {
                List<Json> converted = new ArrayList<>();
                elements.forEach(element -> unicode(element).ifPresent(converted::add));
                yield Optional.of(new JsonArray(converted))
                        .filter(_ -> converted.size() == elements.size())
                        .map(a -> a);
            }
            case JsonObject(Map<String, Json> members) -> {
                Map<String, Json> converted = new LinkedHashMap<>();
                members.forEach((name, value) -> unicode(value).ifPresent(found -> converted.put(name, found)));
                yield Optional.of(new JsonObject(converted))
                        .filter(_ -> converted.size() == members.size())
                        .map(o -> o);
            }
            case Json.JsonInteger _, Json.JsonDecimal _, Json.JsonBoolean _, Json.JsonNull _ -> Optional.of(json);
        };
    }

    private static Optional<String> unicode(String bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(ByteText.bytes(bytes)))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
