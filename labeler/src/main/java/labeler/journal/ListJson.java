package labeler.journal;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonString;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import labeler.json.RecordJson;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Understood;
import labeler.linux.Access;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/** The lists in a row that nobody ever searches. They are kept as JSON text, which {@code sqlite3} shows readably. */
final class ListJson {
    private static final JsonReader READER = new JsonReader();

    /** All text that is written can be read: one row that cannot be would keep every VM's from being read. */
    private static final RecordJson RECORDS = new RecordJson()
            .anyText(String.class, Function.identity(), Optional::of, "text")
            .anyText(Origin.class, Origin::text, text -> Optional.of(new Origin(text)), "text")
            .words(FileRole.class, FileRole::name)
            .words(UseAccess.class, UseAccess::name)
            .words(Access.class, Access::name);

    private ListJson() {}

    static String of(List<? extends Record> values) {
        return JsonWriter.compact(
                Json.array(values.stream().<Json>map(RECORDS::write).toList()));
    }

    static <T extends Record> List<T> read(Class<T> type, String text) throws SQLException {
        List<T> values = new ArrayList<>();
        for (Json element : elements(text)) {
            switch (RECORDS.read(type, element, false)) {
                case Understood<T>(T value) -> values.add(value);
                case NotUnderstood<T>(String message) -> throw new SQLException(message + ", in " + text);
            }
        }
        return values;
    }

    static String ofNames(List<String> names) {
        return JsonWriter.compact(Json.array(names.stream().map(Json::of).toList()));
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

    private static List<Json> elements(String text) throws SQLException {
        if (READER.read(text) instanceof JsonReader.Value(JsonArray(List<Json> elements))) {
            return elements;
        }
        throw new SQLException("not a list: " + text);
    }
}
