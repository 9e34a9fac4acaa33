package labeler.journal;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
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
import labeler.openfiles.OpenMode;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/** The lists in a row that nobody ever searches. They are kept as JSON text, which {@code sqlite3} shows readably. */
final class ListJson {
    private static final JsonReader READER = new JsonReader();

    private ListJson() {}

    static String ofUses(List<FileUse> uses) {
        return write(
                uses,
                use -> Json.object()
                        .put("origin", use.origin().text())
                        .put("role", use.role().name())
                        .put("access", use.access().name())
                        .build());
    }

    static List<FileUse> uses(String text) throws SQLException {
        return read(
                text,
                use -> new FileUse(
                        new Origin(member(use, "origin")),
                        Row.constantOf(FileRole.class, member(use, "role")),
                        Row.constantOf(UseAccess.class, member(use, "access"))));
    }

    static String ofExternal(List<External> external) {
        return write(
                external,
                each -> Json.object()
                        .put("reference", each.reference())
                        .put("protocol", each.protocol())
                        .put("role", each.role().name())
                        .put("parent", each.parent())
                        .build());
    }

    static List<External> external(String text) throws SQLException {
        return read(
                text,
                each -> new External(
                        member(each, "reference"),
                        member(each, "protocol"),
                        Row.constantOf(FileRole.class, member(each, "role")),
                        member(each, "parent")));
    }

    static String ofModes(List<OpenMode> modes) {
        return write(
                modes,
                mode -> Json.object()
                        .put("access", mode.access().name())
                        .put("direct", mode.direct())
                        .build());
    }

    static List<OpenMode> modes(String text) throws SQLException {
        return read(
                text,
                mode -> new OpenMode(
                        Row.constantOf(Access.class, member(mode, "access")),
                        mode.get("direct").equals(Optional.of(new JsonBoolean(true)))));
    }

    static String ofNames(List<String> names) {
        return write(names, Json::of);
    }

    static List<String> names(String text) throws SQLException {
        List<String> names = new ArrayList<>();
        for (Json element : elements(text)) {
            if (!(element instanceof JsonString(String name))) {
                throw new SQLException("not a name in a list: " + text);
            }
            names.add(name);
        }
        return names;
    }

    private static <T> String write(List<T> values, Function<T, Json> json) {
        return JsonWriter.compact(Json.array(values.stream().map(json).toList()));
    }

    @FunctionalInterface
    private interface Reading<T> {
        T of(JsonObject object) throws SQLException;
    }

    private static <T> List<T> read(String text, Reading<T> reading) throws SQLException {
        List<T> values = new ArrayList<>();
        for (Json element : elements(text)) {
            if (!(element instanceof JsonObject object)) {
                throw new SQLException("not an object in a list: " + text);
            }
            values.add(reading.of(object));
        }
        return values;
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
