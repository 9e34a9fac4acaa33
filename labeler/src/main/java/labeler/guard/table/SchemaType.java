package labeler.guard.table;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A type of QMP's arguments, as
 * <a href="https://www.qemu.org/docs/master/devel/qapi-code-gen.html#client-json-protocol-introspection">introspection</a>
 * shows it. Types refer to each other by name, also in circles.
 */
sealed interface SchemaType {
    /** A string, which may be a file's name as well as anything else. */
    record Text() implements SchemaType {}

    /** A number, a truth value, null, or a word of a fixed list. */
    record Plain() implements SchemaType {}

    /** Any JSON. */
    record Anything() implements SchemaType {}

    record ListOf(String element) implements SchemaType {}

    /** One of several types, which differ in the kind of JSON. */
    record OneOf(List<String> alternatives) implements SchemaType {
        public OneOf {
            alternatives = List.copyOf(alternatives);
        }
    }

    /**
     * An object.
     *
     * @param members the type of each by its name
     * @param tag the member whose word says which further members there are
     * @param variants for each word the type that has them
     */
    record Members(Map<String, String> members, Optional<String> tag, Map<String, String> variants)
            implements SchemaType {
        public Members {
            members = Map.copyOf(members);
            variants = Map.copyOf(variants);
        }
    }
}
