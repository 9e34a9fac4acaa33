package labeler.guard.descriptor;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.guard.relay.Command;
import labeler.guard.sense.Meaning;
import labeler.guard.sense.NodeFiles;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.vm.SetName;

/** The arguments of a command with descriptors in place of names. A name for a header stays the true name. */
public record DescriptorArguments(Command command, Meaning meaning, NodeFiles nodes) {
    private static final String FILE = "file:";
    /** The keys below which a node can be written anew. */
    private static final Set<String> BELOW = Set.of("file", "backing", "data-file");

    private static final String BACKING_FILE = "backing-file";

    /**
     * The arguments as qemu gets them.
     *
     * @param names of files, and those that qemu gets in their place
     * @param written a node that is added, with those below it
     */
    public JsonObject of(Map<String, String> names, Optional<JsonObject> written) {
        JsonObject byNode = new LayerNames(nodes).byNode(command.name(), command.arguments());
        JsonObject named = withHeaderTextOf(byNode, (JsonObject) byNode.mapped(text -> named(text, names)));
        JsonObject withLayers = written.map(layers -> below(named, layers)).orElse(named);
        return withHeaderName(meaning.overlays().isEmpty() ? withLayers : (JsonObject) ofExisting(withLayers));
    }

    /** A text for a header is for the next start, which has no sets. */
    private static JsonObject withHeaderTextOf(JsonObject clients, JsonObject named) {
        Map<String, Json> members = new LinkedHashMap<>(named.members());
        members.computeIfPresent(BACKING_FILE, (key, _) -> clients.get(key).orElseThrow());
        members.computeIfPresent(
                "options",
                (key, value) ->
                        value instanceof JsonObject options && clients.get(key).orElseThrow() instanceof JsonObject own
                                ? withHeaderTextOf(own, options)
                                : value);
        return new JsonObject(members);
    }

    /** A name, or one after {@code file:} and before an offset. */
    private static String named(String text, Map<String, String> names) {
        if (!text.startsWith(FILE)) {
            return names.getOrDefault(text, text);
        }
        String whole = text.substring(FILE.length());
        if (names.containsKey(whole)) {
            return FILE + names.get(whole);
        }
        List<String> parts = List.of(whole.split(",offset=", 2));
        String name = names.getOrDefault(parts.getFirst(), parts.getFirst());
        return FILE + name + whole.substring(parts.getFirst().length());
    }

    /** The overlay has its header already. */
    private static Json ofExisting(Json json) {
        return switch (json) {
            case JsonObject(Map<String, Json> members) -> {
                Map<String, Json> changed = new LinkedHashMap<>();
                members.forEach((key, value) -> changed.put(key, ofExisting(value)));
                if (members.get("snapshot-file") instanceof JsonString(String name) && SetName.isMeantBy(name)) {
                    changed.put("mode", Json.of("existing"));
                }
                yield new JsonObject(changed);
            }
            case JsonArray(List<Json> elements) ->
                new JsonArray(
                        elements.stream().map(DescriptorArguments::ofExisting).toList());
            case Json other -> other;
        };
    }

    /** The client's own options, with the nodes below that headers name. */
    private JsonObject below(JsonObject named, JsonObject written) {
        Map<String, Json> members = new LinkedHashMap<>(named.members());
        for (String key : BELOW) {
            Optional<Json> layer = written.get(key);
            boolean isClients = named.get(key).isPresent() && !(named.get(key).get() instanceof JsonObject);
            if (!isClients && layer.isPresent() && layer.get() instanceof JsonObject) {
                members.put(key, layer.get());
            }
        }
        return new JsonObject(members);
    }

    /** qemu would write the name of the set into the header of the image above. */
    private JsonObject withHeaderName(JsonObject arguments) {
        // With a bottom qemu takes none, and writes the name that it knows.
        boolean isGiven = arguments.get(BACKING_FILE).isPresent()
                || arguments.get(LayerNames.BOTTOM).isPresent();
        if (isGiven || meaning.below().isEmpty()) {
            return arguments;
        }
        Map<String, Json> members = new LinkedHashMap<>(arguments.members());
        members.put(BACKING_FILE, Json.of(new String(meaning.below().get().bytes(), StandardCharsets.UTF_8)));
        return new JsonObject(members);
    }
}
