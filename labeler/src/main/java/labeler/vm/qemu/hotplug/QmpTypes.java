package labeler.vm.qemu.hotplug;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.vm.Words;
import labeler.vm.qemu.text.Settings;

/** Settings, which are all text, in the types that QMP insists on. */
final class QmpTypes {
    /** Of qemu 10.0's {@code BlockdevOptions}; whatever is not here is text, or has to be written as JSON. */
    private static final Set<String> SWITCHES = Words.of("""
        read-only auto-read-only force-share direct no-flush lazy-refcounts pass-discard-request
        pass-discard-snapshot pass-discard-other discard-no-unref drop-cache x-check-cache-dropped
        """);

    private static final Set<String> NUMBERS = Words.of("""
        offset size cache-size l2-cache-size l2-cache-entry-size refcount-cache-size cache-clean-interval
        aio-max-batch
        """);

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
                            case JsonString(String text) when SWITCHES.contains(key) -> Settings.onOff(text);
                            case JsonString(String text) when NUMBERS.contains(key) -> number(text);
                            case JsonObject inner -> typed(inner);
                            case JsonString _,
                                    JsonArray _,
                                    Json.JsonInteger _,
                                    Json.JsonDecimal _,
                                    Json.JsonBoolean _,
                                    Json.JsonNull _ -> value;
                        }));
        return new JsonObject(members);
    }

    static Json number(String text) {
        boolean digits =
                !text.isEmpty() && text.length() <= MOST_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Json.of(Long.parseLong(text)) : Json.of(text);
    }
}
