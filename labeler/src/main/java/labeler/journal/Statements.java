package labeler.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import labeler.linux.HostPath;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;

/** SQL on one connection, which this closes. Each statement is prepared once, and used by one thread at a time. */
final class Statements implements AutoCloseable {
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();
    private final Map<String, Map<String, Integer>> columns = new HashMap<>();

    /** The SQL that writes a row into each table. A table's rows always have the same columns. */
    private final Map<String, String> insertions = new HashMap<>();

    private final Map<String, String> replacements = new HashMap<>();

    /** Whether a statement has run since the last commit. */
    private boolean isUsed;

    Statements(Connection connection) {
        this.connection = connection;
    }

    /** Makes an object of a row. */
    @FunctionalInterface
    interface Reading<T> {
        T of(Row row) throws SQLException;
    }

    /** Takes an object, or several, out of a row. */
    @FunctionalInterface
    interface Taking {
        void from(Row row) throws SQLException;
    }

    <T> List<T> query(String sql, Reading<T> reading, @Nullable Object... values) throws SQLException {
        List<T> found = new ArrayList<>();
        forEach(sql, row -> found.add(reading.of(row)), values);
        return found;
    }

    /** The objects made of all rows, by the text in one column. */
    <T> Map<String, List<T>> queryBy(String column, String sql, Reading<T> reading) throws SQLException {
        Map<String, List<T>> found = new HashMap<>();
        forEach(
                sql,
                row -> found.computeIfAbsent(row.text(column), _ -> new ArrayList<>())
                        .add(reading.of(row)));
        return found;
    }

    void forEach(String sql, Taking taking, @Nullable Object... values) throws SQLException {
        try (ResultSet rows = prepare(sql, values).executeQuery()) {
            Row row = new Row(rows, columns(sql, rows));
            while (rows.next()) {
                taking.from(row);
            }
        }
    }

    private Map<String, Integer> columns(String sql, ResultSet rows) throws SQLException {
        Map<String, Integer> known = columns.get(sql);
        if (known == null) {
            ResultSetMetaData told = rows.getMetaData();
            known = new HashMap<>();
            for (int i = 1; i <= told.getColumnCount(); i++) {
                known.put(told.getColumnLabel(i), i);
            }
            columns.put(sql, known);
        }
        return known;
    }

    void change(String sql, @Nullable Object... values) throws SQLException {
        prepare(sql, values).executeUpdate();
    }

    /** The same, of a row that has to be there. */
    void changeOne(String what, String sql, @Nullable Object... values) throws SQLException {
        if (prepare(sql, values).executeUpdate() != 1) {
            throw new SQLException(what + " is not on record");
        }
    }

    void insert(String table, Values row) throws SQLException {
        change(insertions.computeIfAbsent(table, row::insertInto), row.inOrder());
    }

    /** Adds the row, or puts it in the place of the one with the same number. */
    void replace(String table, Values row) throws SQLException {
        change(replacements.computeIfAbsent(table, row::replaceIn), row.inOrder());
    }

    /** The same; answers the row's number. */
    long put(String table, Values row) throws SQLException {
        return query(row.replaceIn(table) + " RETURNING id", put -> put.number("id"), row.inOrder())
                .getFirst();
    }

    private PreparedStatement prepare(String sql, @Nullable Object... values) throws SQLException {
        isUsed = true;
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, stored(values[i]));
        }
        return statement;
    }

    private static @Nullable Object stored(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Optional<?> optional -> stored(optional.orElse(null));
            case OptionalLong number -> number.isPresent() ? (Long) number.getAsLong() : null;
            case Enum<?> constant -> constant.name();
            case HostPath path -> path.bytes();
            case StoredLabel label -> label.bytes();
            case VmName name -> name.value();
            default -> value;
        };
    }

    /** From now on a change lasts when it is committed. */
    void begin() throws SQLException {
        connection.setAutoCommit(false);
    }

    /** A commit is two statements of its own, so it is left out where there is nothing to end. */
    void commit() throws SQLException {
        if (isUsed) {
            connection.commit();
            isUsed = false;
        }
    }

    @Override
    public void close() throws SQLException {
        try (connection) {
            for (PreparedStatement statement : prepared.values()) {
                statement.close();
            }
        }
    }
}
