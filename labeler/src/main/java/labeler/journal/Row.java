package labeler.journal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Timestamp;
import org.jspecify.annotations.Nullable;

/**
 * A row that was found. Columns are read by name, and only while the result stands at this row.
 *
 * @param numbers of the columns, by name: the driver would ask SQLite for all names each time
 */
record Row(ResultSet columns, Map<String, Integer> numbers) {
    private int at(String column) throws SQLException {
        Integer number = numbers.get(column);
        if (number == null) {
            throw new SQLException("no column " + column);
        }
        return number;
    }

    String text(String column) throws SQLException {
        return present(columns.getString(at(column)));
    }

    Optional<String> optionalText(String column) throws SQLException {
        return Optional.ofNullable(columns.getString(at(column)));
    }

    byte[] bytes(String column) throws SQLException {
        return present(columns.getBytes(at(column)));
    }

    Optional<byte[]> optionalBytes(String column) throws SQLException {
        return Optional.ofNullable(columns.getBytes(at(column)));
    }

    HostPath path(String column) throws SQLException {
        return HostPath.of(bytes(column));
    }

    boolean isSet(String column) throws SQLException {
        return columns.getBoolean(at(column));
    }

    long number(String column) throws SQLException {
        return columns.getLong(at(column));
    }

    OptionalLong optionalNumber(String column) throws SQLException {
        long number = columns.getLong(at(column));
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
                : Optional.of(new Timestamp(seconds.getAsLong(), columns.getInt(at("birth_nanoseconds"))));
        return new FileIdentity(number("device"), number("inode"), birth);
    }

    private static <T> T present(@Nullable T value) throws SQLException {
        if (value == null) {
            throw new SQLException("a column is NULL that may not be");
        }
        return value;
    }
}
