package labeler.json;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;

/** An object while it is read: its known members, and its faults. */
final class ObjectReader {
    private final JsonObject object;
    private final Optional<ObjectReader> outer;
    private final String name;
    private final boolean isStrict;
    private final List<String> faults;
    private final Set<String> known = new LinkedHashSet<>();

    /** @param isStrict whether an unknown member is a fault, here and in inner objects */
    ObjectReader(JsonObject object, boolean isStrict) {
        this(object, Optional.empty(), "", isStrict, new ArrayList<>());
    }

    private ObjectReader(
            JsonObject object, Optional<ObjectReader> outer, String name, boolean isStrict, List<String> faults) {
        this.object = object;
        this.outer = outer;
        this.name = name;
        this.isStrict = isStrict;
        this.faults = faults;
    }

    /** A reader for an inner object: the member of this name, or an element of it. */
    ObjectReader inside(String member, JsonObject inner) {
        return new ObjectReader(inner, Optional.of(this), member, isStrict, faults);
    }

    /** The member; also empty if it is null. */
    Optional<Json> take(String member) {
        if (isStrict) {
            known.add(member);
        }
        Optional<Json> json = object.get(member);
        return json.isPresent() && json.get() instanceof JsonNull ? Optional.empty() : json;
    }

    /** The value. If there is none, it notes what the member must be. */
    <T> Optional<T> orWrong(Optional<T> value, String member, String expected) {
        if (value.isEmpty()) {
            fault("\"" + place() + member + "\" must be " + expected);
        }
        return value;
    }

    /** The path of this object, for the names of its members. */
    private String place() {
        return outer.isPresent() ? outer.get().place() + name + "." : "";
    }

    void fault(String words) {
        faults.add(words);
    }

    /** To be called after all known members were asked for. */
    void end() {
        if (isStrict && !known.containsAll(object.members().keySet())) {
            fault("it has " + String.join(", ", known) + ", and no other member");
        }
    }

    /** The first fault in it, or in an inner object. */
    Optional<String> fault() {
        return faults.isEmpty() ? Optional.empty() : Optional.of(faults.getFirst());
    }
}
