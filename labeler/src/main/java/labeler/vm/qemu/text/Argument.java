package labeler.vm.qemu.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;

/** An option's argument in its notation, which stays the same when the argument is written again. */
public sealed interface Argument {
    /** Its settings; for JSON its leaves, each with its path as the key. */
    Settings settings();

    /** Its tree; empty if dotted keys contradict each other ({@code a=1,a.b=2}). */
    Optional<JsonObject> tree();

    /** The same with other values. The old values of their keys, and the keys below, are removed. */
    Argument with(List<Edit> edits);

    /**
     * The same with another value of one setting, in its place.
     *
     * @param index in {@link #settings}
     */
    Argument withValue(int index, String value);

    String text();

    /** An argument that cannot be JSON. */
    static Argument inSettings(String text, String impliedKey) {
        return new InSettings(Settings.parse(text, impliedKey));
    }

    /** An argument that may be JSON instead; empty if it looks like JSON and is none. */
    static Optional<Argument> either(String text, String impliedKey) {
        return text.startsWith("{") ? ByteText.json(text).map(InJson::new) : Optional.of(inSettings(text, impliedKey));
    }

    /** {@code key=value,…}. */
    record InSettings(Settings settings) implements Argument {
        @Override
        public Optional<JsonObject> tree() {
            return settings.tree();
        }

        @Override
        public InSettings with(List<Edit> edits) {
            Settings edited = settings;
            for (Edit edit : edits) {
                edited = edited.replacing(String.join(".", edit.path()), edit.value());
            }
            return new InSettings(edited);
        }

        @Override
        public InSettings withValue(int index, String value) {
            return new InSettings(settings.withValue(index, value));
        }

        @Override
        public String text() {
            return settings.text();
        }
    }

    /** A JSON object, its strings in bytes. */
    record InJson(JsonObject json) implements Argument {
        @Override
        public Settings settings() {
            return Settings.of(json);
        }

        @Override
        public Optional<JsonObject> tree() {
            return Optional.of(json);
        }

        @Override
        public InJson with(List<Edit> edits) {
            Json edited = json;
            for (Edit edit : edits) {
                edited = put(edited, edit.path(), edit.value());
            }
            return new InJson((JsonObject) edited);
        }

        @Override
        public InJson withValue(int index, String value) {
            String key = settings().all().get(index).key();
            return with(List.of(new Edit(ByteText.split(key, '.'), Json.of(value))));
        }

        @Override
        public String text() {
            return JsonWriter.compact(json);
        }

        /** Recursion is bounded by the JSON reader's depth, of which the path is a part. */
        private static Json put(Json at, List<String> path, Json value) {
            if (path.isEmpty()) {
                return value;
            }
            String key = path.getFirst();
            List<String> rest = path.subList(1, path.size());
            if (at instanceof JsonArray(List<Json> elements)) {
                List<Json> changed = new ArrayList<>(elements);
                int index = Integer.parseInt(key);
                changed.set(index, put(elements.get(index), rest, value));
                return new JsonArray(changed);
            }
            Map<String, Json> members = new LinkedHashMap<>(at instanceof JsonObject(var given) ? given : Map.of());
            Json before = Optional.ofNullable(members.get(key)).orElseGet(() -> new JsonObject(Map.of()));
            members.put(key, put(before, rest, value));
            return new JsonObject(members);
        }
    }
}
