package labeler.guard.sense;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;

/**
 * The descriptors that a command has taken from qemu by the names of {@code getfd}: qemu has no name for them any more,
 * and goes on using them.
 *
 * @param arguments of a command that was done
 */
public record UsedDescriptors(JsonObject arguments) {
    /** Members whose text is a name; several are separated by colons. */
    private static final Set<String> KEYS = Set.of("fd", "fdname", "fds", "vhostfd", "vhostfds", "ebpf-rss-fds", "str");

    private static final String PREFIX = "fd:";

    public List<String> names() {
        return within("", arguments).toList();
    }

    private static Stream<String> within(String key, Json json) {
        return switch (json) {
            case JsonObject object ->
                object.members().entrySet().stream().flatMap(member -> within(member.getKey(), member.getValue()));
            case JsonArray(List<Json> elements) -> elements.stream().flatMap(element -> within(key, element));
            case JsonString(String text) when text.startsWith(PREFIX) -> Stream.of(text.substring(PREFIX.length()));
            case JsonString(String text) when KEYS.contains(key) -> Arrays.stream(text.split(":", -1));
            case Json _ -> Stream.empty();
        };
    }
}
