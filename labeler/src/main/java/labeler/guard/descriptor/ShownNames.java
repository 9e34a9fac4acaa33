package labeler.guard.descriptor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import labeler.vm.SetName;

/**
 * qemu's answers about files that it has by descriptor sets, in the names that clients know. Only sets of the guard's
 * own count: a client that has made a set finds it again.
 *
 * @param files the file of each set
 */
public record ShownNames(Map<Long, String> files) {
    /** Commands whose answers have names of files. Their lists of sets are the guard's and the clients'. */
    private static final Set<String> TELLING = Set.of(
            "query-block", "query-blockstats", "query-chardev", "query-named-block-nodes", "qom-get", "qom-list-get");

    private static final String SETS = "query-fdsets";

    /** Answers in words, for people. */
    private static final String IN_WORDS = "human-monitor-command";

    private static final byte[] SET_BYTES = SetName.DIRECTORY.getBytes(StandardCharsets.US_ASCII);
    private static final String NUMBERED = SetName.DIRECTORY + "(" + SetName.NUMBER + ")";

    /** A whole text in JSON: before its first quote is no backslash, and none is in it. */
    private static final Pattern QUOTED = Pattern.compile("(?<!\\\\)\"" + NUMBERED + "\"");

    private static final Pattern IN_TEXT = Pattern.compile(NUMBERED + "(?![0-9])");
    private static final String JSON = "json:";
    private static final String FILE = "file";
    private static final String FILE_NAME = "filename";
    private static final String BACKING = "backing";
    private static final List<String> HEADERS = List.of("backing-filename", "full-backing-filename");

    /** The drivers whose options qemu leaves out if they are but a name. */
    private static final Set<String> PLAIN = Set.of("file", "host_device");

    private static final int MOST_TOKENS = 10_000;

    public static final ShownNames NONE = new ShownNames(Map.of());

    public ShownNames {
        files = Map.copyOf(files);
    }

    /**
     * An answer as the client gets it.
     *
     * @param asked by the client
     * @param raw as qemu wrote it
     * @return empty if it may get the answer as qemu wrote it
     */
    public Optional<JsonObject> of(String asked, JsonObject answer, byte[] raw) {
        if (files.isEmpty()) {
            return Optional.empty();
        }
        if (asked.equals(SETS)) {
            return Optional.of(withoutOwn(answer));
        }
        boolean isError = answer.get("error").isPresent();
        boolean tells = isError || asked.equals(IN_WORDS) || TELLING.contains(asked);
        if (!tells || !hasSets(raw)) {
            return Optional.empty();
        }
        return Optional.of(
                isError || asked.equals(IN_WORDS)
                        ? (JsonObject) answer.mapped(this::inText)
                        : (JsonObject) named("", answer, headers(answer)));
    }

    /** Most answers have none. They are not looked at any closer. */
    private static boolean hasSets(byte[] raw) {
        for (int at = 0; at <= raw.length - SET_BYTES.length; at++) {
            int same = 0;
            while (same < SET_BYTES.length && raw[at + same] == SET_BYTES[same]) {
                same++;
            }
            if (same == SET_BYTES.length) {
                return true;
            }
        }
        return false;
    }

    private JsonObject withoutOwn(JsonObject answer) {
        Map<String, Json> members = new LinkedHashMap<>(answer.members());
        members.computeIfPresent(
                "return",
                (_, sets) -> sets instanceof JsonArray(List<Json> all)
                        ? new JsonArray(all.stream()
                                .filter(set -> !(set instanceof JsonObject one
                                        && one.number("fdset-id")
                                                .filter(files::containsKey)
                                                .isPresent()))
                                .toList())
                        : sets);
        return new JsonObject(members);
    }

    /** Recursion is bounded by the depth that is read. */
    private Json named(String key, Json json, Map<String, List<String>> headers) {
        return switch (json) {
            case JsonObject(Map<String, Json> members) -> {
                Map<String, Json> changed = new LinkedHashMap<>();
                members.forEach((name, value) -> changed.put(name, named(name, value, headers)));
                yield new JsonObject(changed);
            }
            case JsonArray(List<Json> elements) ->
                new JsonArray(elements.stream()
                        .map(element -> named(key, element, headers))
                        .toList());
            case JsonString(String text) when text.contains(SetName.DIRECTORY) -> Json.of(named(text, headers));
            case JsonString _, Json.JsonInteger _, Json.JsonDecimal _, Json.JsonBoolean _, Json.JsonNull _ -> json;
        };
    }

    private String named(String text, Map<String, List<String>> headers) {
        if (!text.startsWith(JSON)) {
            return whole(text);
        }
        String options = QUOTED.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(
                        JsonWriter.compact(Json.of(file(found.group(1)).orElse(SetName.DIRECTORY + found.group(1))))));
        return options(options).flatMap(node -> plain(node, headers)).orElse(options);
    }

    private String whole(String text) {
        return SetName.of(text)
                .flatMap(set -> Optional.ofNullable(files.get(set.number())))
                .orElse(text);
    }

    private Optional<String> file(String number) {
        return number.matches(SetName.NUMBER)
                ? Optional.ofNullable(files.get(Long.parseLong(number)))
                : Optional.empty();
    }

    private String inText(String text) {
        return text.contains(SetName.DIRECTORY)
                ? IN_TEXT.matcher(text)
                        .replaceAll(found ->
                                Matcher.quoteReplacement(file(found.group(1)).orElse(found.group())))
                : text;
    }

    private static Optional<JsonObject> options(String name) {
        return name.startsWith(JSON)
                        && new JsonReader(MOST_TOKENS).read(name.substring(JSON.length()))
                                instanceof JsonReader.Value(JsonObject node)
                ? Optional.of(node)
                : Optional.empty();
    }

    /**
     * The file's name alone, as qemu says it where the image below is the one that the header names. With a set below,
     * it takes that for another image.
     *
     * @param headers what the header of each file names
     */
    private static Optional<String> plain(JsonObject node, Map<String, List<String>> headers) {
        Optional<String> file = ownFile(node);
        if (file.isEmpty()
                || !Set.of(BACKING, "driver", FILE).containsAll(node.members().keySet())) {
            return Optional.empty();
        }
        return switch (node.get(BACKING).orElse(Json.of(""))) {
            case JsonObject below ->
                plain(below, headers)
                        .filter(name ->
                                headers.getOrDefault(file.get(), List.of()).contains(name))
                        .flatMap(_ -> file);
            case JsonString(String nothing) when nothing.isEmpty() -> file;
            case Json _ -> Optional.empty();
        };
    }

    /** The file of an image whose options name nothing else of it, or that of a file's own node. */
    private static Optional<String> ownFile(JsonObject node) {
        JsonObject file = node.get(FILE).orElse(Json.nothing()) instanceof JsonObject below ? below : node;
        boolean isPlain = file.text("driver").filter(PLAIN::contains).isPresent()
                && file.members().keySet().equals(Set.of("driver", FILE_NAME));
        return isPlain ? file.text(FILE_NAME) : Optional.empty();
    }

    /** The names in the headers of the images of which the answer tells. */
    private Map<String, List<String>> headers(Json answer) {
        Map<String, List<String>> headers = new HashMap<>();
        collect(answer, headers);
        return headers;
    }

    private void collect(Json json, Map<String, List<String>> headers) {
        switch (json) {
            case JsonArray(List<Json> elements) -> elements.forEach(element -> collect(element, headers));
            case JsonObject object -> {
                object.members().values().forEach(value -> collect(value, headers));
                List<String> named = HEADERS.stream()
                        .flatMap(key -> object.text(key).stream())
                        .toList();
                if (!named.isEmpty()) {
                    object.text(FILE_NAME)
                            .map(name -> named(name, Map.of()))
                            .flatMap(name ->
                                    options(name).map(ShownNames::ownFile).orElse(Optional.of(name)))
                            .ifPresent(file -> headers.computeIfAbsent(file, _ -> new ArrayList<>())
                                    .addAll(named));
                }
            }
            case JsonString _, Json.JsonInteger _, Json.JsonDecimal _, Json.JsonBoolean _, Json.JsonNull _ -> {}
        }
    }
}
