package labeler.journal;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import labeler.linux.FileIdentity;
import labeler.linux.Timestamp;
import org.jspecify.annotations.Nullable;

/** A row to be written: a value for each column by its name, and the SQL that follows from the names. */
final class Values {
    private final Map<String, @Nullable Object> columns = new LinkedHashMap<>();

    Values with(String column, @Nullable Object value) {
        columns.put(column, value);
        return this;
    }

    /** The four columns that {@link Row#identity} reads. */
    Values with(FileIdentity identity) {
        Optional<Timestamp> birth = identity.birth();
        return with("device", identity.device())
                .with("inode", identity.inode())
                .with("birth_seconds", birth.map(Timestamp::seconds))
                .with("birth_nanoseconds", birth.map(Timestamp::nanoseconds));
    }

    @Nullable
    Object[] inOrder() {
        return columns.values().toArray();
    }

    String insertInto(String table) {
        return "INSERT INTO " + table + " (" + String.join(", ", columns.keySet()) + ") VALUES ("
                + String.join(", ", Collections.nCopies(columns.size(), "?")) + ")";
    }

    /** Replaces the row with the same number, if there is one. */
    String replaceIn(String table) {
        return insertInto(table) + " ON CONFLICT(id) DO UPDATE SET "
                + columns.keySet().stream()
                        .map(column -> column + " = excluded." + column)
                        .collect(Collectors.joining(", "));
    }
}
