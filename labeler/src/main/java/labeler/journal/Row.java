package labeler.journal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Timestamp;
import org.jspecify.annotations.Nullable;

/** A row that was found: its columns by their names, and only where the result stands at it. */
record Row(ResultSet columns) {
    String text(String column) throws SQLException {
        return present(columns.getString(column));
    }

    Optional<String> optionalText(String column) throws SQLException {
        return Optional.ofNullable(columns.getString(column));
    }

    byte[] bytes(String column) throws SQLException {
        return present(columns.getBytes(column));
    }

    Optional<byte[]> optionalBytes(String column) throws SQLException {
        return Optional.ofNullable(columns.getBytes(column));
    }

    HostPath path(String column) throws SQLException {
        return HostPath.of(bytes(column));
    }

    boolean isSet(String column) throws SQLException {
        return columns.getBoolean(column);
    }

    long number(String column) throws SQLException {
        return columns.getLong(column);
    }

    OptionalLong optionalNumber(String column) throws SQLException {
        long number = columns.getLong(column);
        return columns.wasNull() ? OptionalLong.empty() : OptionalLong.of(number);
    }

    <E extends Enum<E>> E constant(Class<E> type, String column) throws SQLException {
        return constantOf(type, text(column));
    }

    static <E extends Enum<E>> E constantOf(Class<E> type, String name) throws SQLException {
        try {
            return Enum.valueOf(type, name);
        } catch (IllegalArgumentException e) {
            throw new SQLException("unknown " + type.getSimpleName() + " " + name, e);
        }
    }

    FileIdentity identity() throws SQLException {
        OptionalLong seconds = optionalNumber("birth_seconds");
        Optional<Timestamp> birth = seconds.isEmpty()
                ? Optional.empty()
                : Optional.of(new Timestamp(seconds.getAsLong(), columns.getInt("birth_nanoseconds")));
        return new FileIdentity(number("device"), number("inode"), birth);
    }

    private static <T> T present(@Nullable T value) throws SQLException {
        if (value == null) {
            throw new SQLException("a column is NULL that may not be");
        }
        return value;
    }
}
