package labeler.journal;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lists of {@link ListJson}, each text of which is read once: the files of ten thousand VMs are used in few ways, and reading
 * each list anew took a quarter of a restart.
 */
final class KnownLists<T extends Record> {
    /** Those that name an image are of one VM alone. To forget a list costs time and nothing else. */
    private static final int MOST = 1 << 10;

    private final Class<T> type;
    private final Map<String, List<T>> known = new HashMap<>();

    KnownLists(Class<T> type) {
        this.type = type;
    }

    List<T> read(String text) throws SQLException {
        List<T> list = known.get(text);
        if (list == null) {
            list = List.copyOf(ListJson.read(type, text));
            if (known.size() >= MOST) {
                known.clear();
            }
            known.put(text, list);
        }
        return list;
    }
}
