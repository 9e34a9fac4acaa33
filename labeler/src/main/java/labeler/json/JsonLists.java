package labeler.json;

import java.util.Iterator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A JSON object whose members are lists, each element of which is made when it is written: a list of everything may be
 * larger than the memory there is. It can be written once.
 */
public final class JsonLists {
    private final List<Member> members;

    private JsonLists(List<Member> members) {
        this.members = List.copyOf(members);
    }

    /** A list, whose elements are asked for one after the other. */
    public record Member(String name, Iterator<Json> elements) {}

    public static JsonLists none() {
        return new JsonLists(List.of());
    }

    public static JsonLists of(String name, Stream<? extends Json> elements) {
        return none().and(name, elements);
    }

    /** With one list more. */
    public JsonLists and(String name, Stream<? extends Json> elements) {
        Member member = new Member(name, elements.map(Json.class::cast).iterator());
        return new JsonLists(Stream.concat(members.stream(), Stream.of(member)).toList());
    }

    /** In the order written. */
    public List<Member> members() {
        return members;
    }

    /** The same, with something around the iterator of each list. */
    public JsonLists through(UnaryOperator<Iterator<Json>> way) {
        return new JsonLists(members.stream()
                .map(member -> new Member(member.name(), way.apply(member.elements())))
                .toList());
    }
}
