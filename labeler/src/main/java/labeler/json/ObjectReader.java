package labeler.json;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;

/** An object while it is read: which of its members somebody knows, and what is wrong with it. */
final class ObjectReader {
    private final JsonObject object;
    private final Optional<ObjectReader> outer;
    private final String name;
    private final boolean isStrict;
    private final List<String> faults;
    private final Set<String> known = new LinkedHashSet<>();

    /** @param isStrict whether a member that nobody knows is a fault, here and in objects inside */
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

    /** One that is the member of this name, or an element of it. */
    ObjectReader inside(String member, JsonObject inner) {
        return new ObjectReader(inner, Optional.of(this), member, isStrict, faults);
    }

    /** The member; empty where it is null, too. */
    Optional<Json> take(String member) {
        if (isStrict) {
            known.add(member);
        }
        Optional<Json> json = object.get(member);
        return json.isPresent() && json.get() instanceof JsonNull ? Optional.empty() : json;
    }

    /** The value; where there is none, the member must be something else. */
    <T> Optional<T> orWrong(Optional<T> value, String member, String expected) {
        if (value.isEmpty()) {
            fault("\"" + place() + member + "\" must be " + expected);
        }
        return value;
    }

    /** Where this object is, for the name of a member in it. */
    private String place() {
        return outer.isPresent() ? outer.get().place() + name + "." : "";
    }

    void fault(String words) {
        faults.add(words);
    }

    /** To be called when every member that somebody knows was asked for. */
    void end() {
        if (isStrict && !known.containsAll(object.members().keySet())) {
            fault("it has " + String.join(", ", known) + ", and no other member");
        }
    }

    /** The first thing that is wrong with it, or with what is inside. */
    Optional<String> fault() {
        return faults.isEmpty() ? Optional.empty() : Optional.of(faults.getFirst());
    }
}
