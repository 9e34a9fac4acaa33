package labeler.described;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;

/** An OpenAPI description, as a client reads it. */
public final class Description {
    private static final List<String> METHODS = List.of("get", "put", "post", "delete", "patch");
    private static final String PARAMETERS = "parameters";

    private final Schemas schemas;
    private final JsonObject paths;

    /** @param text the description in YAML */
    public Description(String text) {
        this.schemas = new Schemas(Schemas.object(YamlText.read(text)));
        this.paths = member(schemas.document(), "paths");
    }

    /** Each operation with the parameters of its query, in the form {@code GET /v1/vms[brief, text]}. */
    public List<String> routes() {
        List<String> routes = new ArrayList<>();
        paths.members()
                .forEach((path, item) -> METHODS.forEach(method -> Schemas.object(item)
                        .get(method)
                        .map(Schemas::object)
                        .ifPresent(operation -> routes.add(method.toUpperCase(Locale.ROOT) + " " + path
                                + query(Schemas.object(item), operation)))));
        return routes;
    }

    private Set<String> query(JsonObject item, JsonObject operation) {
        Set<String> names = new TreeSet<>();
        Stream.concat(item.objects(PARAMETERS).stream(), operation.objects(PARAMETERS).stream())
                .map(schemas::resolved)
                .filter(parameter -> parameter.get("in").equals(Optional.of(Json.of("query"))))
                .forEach(parameter -> names.add(parameter.text("name").orElseThrow()));
        return names;
    }

    /**
     * What is wrong with the description itself, also where no answer comes by: a reference has to lead somewhere, and a key
     * without a value is the rest of a sentence that has a comma and no quotes.
     */
    public List<String> faults() {
        List<String> faults = new ArrayList<>();
        walk(schemas.document(), faults);
        return faults;
    }

    private void walk(Json value, List<String> faults) {
        switch (value) {
            case JsonObject object -> {
                schemas.resolved(object);
                object.members().forEach((name, member) -> {
                    if (member instanceof Json.JsonNull) {
                        faults.add("\"" + name + "\" has no value");
                    }
                    walk(member, faults);
                });
            }
            case Json.JsonArray(List<Json> elements) -> elements.forEach(element -> walk(element, faults));
            case Json.JsonString _, Json.JsonInteger _, Json.JsonDecimal _, Json.JsonBoolean _, Json.JsonNull _ -> {}
        }
    }

    /**
     * What an answer has that the description of this operation has not, or the other way round; empty if they agree.
     *
     * @param path as in the description, with {@code {name}}
     * @param body of JSON
     */
    public List<String> complaints(String method, String path, int status, String body) {
        JsonObject responses = member(member(member(paths, path), method.toLowerCase(Locale.ROOT)), "responses");
        JsonObject response = schemas.resolved(Schemas.object(responses
                .get(String.valueOf(status))
                .or(() -> responses.get("default"))
                .orElseThrow(() -> new AssertionError(path + " has no answer " + status))));
        JsonObject schema = member(member(member(response, "content"), "application/json"), "schema");
        return new JsonReader().read(body) instanceof JsonReader.Value(Json json)
                ? schemas.complaints(schema, json, method + " " + path + " " + status)
                : List.of(path + " answers with what is no JSON: " + body);
    }

    private static JsonObject member(JsonObject object, String name) {
        return Schemas.object(
                object.get(name).orElseThrow(() -> new AssertionError("no " + name + " in the description")));
    }
}
