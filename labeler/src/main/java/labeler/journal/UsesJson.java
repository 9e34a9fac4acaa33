package labeler.journal;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.descriptors.OpenMode;
import labeler.fileset.External;
import labeler.fileset.FileUse;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import labeler.linux.Access;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/** The lists in a row that nobody ever searches: kept as JSON text, which {@code sqlite3} shows readably. */
final class UsesJson {
    private static final JsonReader READER = new JsonReader();

    private UsesJson() {}

    static String writeUses(List<FileUse> uses) {
        return JsonWriter.compact(Json.array(uses.stream()
                .map(use -> Json.object()
                        .put("origin", use.origin().text())
                        .put("role", use.role().name())
                        .put("access", use.access().name())
                        .build())
                .toList()));
    }

    static String write(List<External> external) {
        return JsonWriter.compact(Json.array(external.stream()
                .map(each -> Json.object()
                        .put("reference", each.reference())
                        .put("protocol", each.protocol())
                        .put("role", each.role().name())
                        .put("parent", each.parent())
                        .build())
                .toList()));
    }

    static String writeModes(List<OpenMode> modes) {
        return JsonWriter.compact(Json.array(modes.stream()
                .map(mode -> Json.object()
                        .put("access", mode.access().name())
                        .put("direct", mode.direct())
                        .build())
                .toList()));
    }

    static List<OpenMode> readModes(String text) throws SQLException {
        List<OpenMode> modes = new ArrayList<>();
        for (JsonObject mode : objects(text)) {
            modes.add(new OpenMode(
                    JournalRows.constant(Access.class, member(mode, "access")),
                    mode.get("direct").equals(Optional.of(new JsonBoolean(true)))));
        }
        return modes;
    }

    static String writeNames(List<String> names) {
        return JsonWriter.compact(Json.array(names.stream().map(Json::of).toList()));
    }

    static List<String> readNames(String text) throws SQLException {
        List<String> names = new ArrayList<>();
        for (Json element : elements(text)) {
            if (!(element instanceof JsonString(String name))) {
                throw new SQLException("not a name in a list: " + text);
            }
            names.add(name);
        }
        return names;
    }

    static List<FileUse> readUses(String text) throws SQLException {
        List<FileUse> uses = new ArrayList<>();
        for (JsonObject use : objects(text)) {
            uses.add(new FileUse(
                    new Origin(member(use, "origin")),
                    JournalRows.constant(FileRole.class, member(use, "role")),
                    JournalRows.constant(UseAccess.class, member(use, "access"))));
        }
        return uses;
    }

    static List<External> readExternal(String text) throws SQLException {
        List<External> external = new ArrayList<>();
        for (JsonObject each : objects(text)) {
            external.add(new External(
                    member(each, "reference"),
                    member(each, "protocol"),
                    JournalRows.constant(FileRole.class, member(each, "role")),
                    member(each, "parent")));
        }
        return external;
    }

    private static List<JsonObject> objects(String text) throws SQLException {
        List<JsonObject> objects = new ArrayList<>();
        for (Json element : elements(text)) {
            if (!(element instanceof JsonObject object)) {
                throw new SQLException("not an object in a list: " + text);
            }
            objects.add(object);
        }
        return objects;
    }

    private static List<Json> elements(String text) throws SQLException {
        if (READER.read(text) instanceof JsonReader.Value(JsonArray(List<Json> elements))) {
            return elements;
        }
        throw new SQLException("not a list: " + text);
    }

    private static String member(JsonObject object, String name) throws SQLException {
        return object.text(name)
                .orElseThrow(() -> new SQLException("no " + name + " in " + JsonWriter.compact(object)));
    }
}
