package labeler.vm;

import java.util.List;
import java.util.Set;

/** Tables of names, written as text with spaces and line ends between them. */
public final class NameTable {
    private NameTable() {}

    /** The names of a table. */
    public static Set<String> of(String text) {
        return Set.copyOf(inOrder(text));
    }

    /** The names of a table, in their order. */
    public static List<String> inOrder(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }
}
