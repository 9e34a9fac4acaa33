package labeler.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
import org.sqlite.SQLiteConfig.SynchronousMode;

/** SQL on one connection, which this closes. Each statement is prepared once, and used by one thread at a time. */
final class Statements implements AutoCloseable {
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();
    private SynchronousMode synchronous = SynchronousMode.FULL;

    Statements(Connection connection) {
        this.connection = connection;
    }

    /** Makes something of a row. */
    @FunctionalInterface
    interface Reading<T> {
        T of(Row row) throws SQLException;
    }

    <T> List<T> query(String sql, Reading<T> reading, @Nullable Object... values) throws SQLException {
        List<T> found = new ArrayList<>();
        try (ResultSet rows = prepare(sql, values).executeQuery()) {
            while (rows.next()) {
                found.add(reading.of(new Row(rows)));
            }
        }
        return found;
    }

    /** What is made of all rows, by the text in one column. */
    <T> Map<String, List<T>> queryBy(String column, String sql, Reading<T> reading) throws SQLException {
        Map<String, List<T>> found = new HashMap<>();
        try (ResultSet rows = prepare(sql).executeQuery()) {
            while (rows.next()) {
                Row row = new Row(rows);
                found.computeIfAbsent(row.text(column), _ -> new ArrayList<>()).add(reading.of(row));
            }
        }
        return found;
    }

    void change(String sql, @Nullable Object... values) throws SQLException {
        prepare(sql, values).executeUpdate();
    }

    void insert(String table, Values row) throws SQLException {
        change(row.insertInto(table), row.inOrder());
    }

    /** Answers the row's number. */
    long put(String table, Values row) throws SQLException {
        return query(row.putInto(table), put -> put.number("id"), row.inOrder()).getFirst();
    }

    private PreparedStatement prepare(String sql, @Nullable Object... values) throws SQLException {
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

    /** Takes effect with the next transaction; SQLite ignores the pragma inside one. */
    void setSynchronous(SynchronousMode mode) throws SQLException {
        if (mode != synchronous) {
            connection.setAutoCommit(true);
            try (Statement pragma = connection.createStatement()) {
                pragma.executeUpdate("PRAGMA synchronous = " + mode.getValue());
            } finally {
                connection.setAutoCommit(false);
            }
            synchronous = mode;
        }
    }

    void commit() throws SQLException {
        connection.commit();
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
