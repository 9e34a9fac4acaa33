package labeler.vm.qemu.handover;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.chain.name.ReferenceName;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import labeler.vm.qemu.block.Drive;
import labeler.vm.qemu.option.PlacedOption;
import labeler.vm.qemu.text.Settings;

/**
 * An option that defines block nodes, and how it is written with other values in it.
 *
 * @param tree the node that it defines, with those inside
 * @param readOnly what the node is unless it says otherwise
 * @param direct whether the node goes past the host's page cache unless it says otherwise
 * @param isDrive the node is qemu's own to remove, and in use by itself; of {@code -blockdev} it is neither
 */
record DiskOption(
        PlacedOption placed, JsonObject tree, boolean readOnly, boolean direct, boolean isDrive, Notation notation) {

    private static final Set<String> NAME = Set.of("file");

    /** A value to put in place of what is there, if anything is: its keys from the option's node down. */
    record Edit(List<String> path, Json value) {
        Edit {
            path = List.copyOf(path);
        }
    }

    /** The way in which an option is written down. */
    sealed interface Notation {
        String with(List<Edit> edits);

        /** Whether names have to be UTF-8. */
        boolean isJson();
    }

    static DiskOption drive(PlacedOption placed, Drive drive, JsonObject tree, boolean snapshotForAll) {
        Notation notation = drive.namedByJson()
                .<Notation>map(json -> new NamedByJson(drive.settings(), json))
                .orElseGet(() -> new DriveSettings(drive.settings()));
        boolean readOnly = drive.isReadOnly() || drive.isTemporary(snapshotForAll);
        return new DiskOption(placed, tree, readOnly, drive.isDirect(), true, notation);
    }

    static DiskOption blockdev(PlacedOption placed, JsonObject tree) {
        Notation notation = placed.argument().startsWith("{")
                ? new WholeJson(tree)
                : new NodeSettings(Settings.parse(placed.argument(), "driver"));
        return new DiskOption(placed, tree, false, false, false, notation);
    }

    /** Its argument with these values; that of {@code -drive} for a short form of it. */
    String with(List<Edit> edits) {
        return notation.with(edits);
    }

    private record WholeJson(JsonObject json) implements Notation {
        @Override
        public String with(List<Edit> edits) {
            return JsonWriter.compact(edited(json, edits));
        }

        @Override
        public boolean isJson() {
            return true;
        }
    }

    private record NodeSettings(Settings settings) implements Notation {
        @Override
        public String with(List<Edit> edits) {
            return edited(settings, edits).text();
        }

        @Override
        public boolean isJson() {
            return false;
        }
    }

    private record DriveSettings(Settings settings) implements Notation {
        @Override
        public String with(List<Edit> edits) {
            boolean named = edits.stream()
                    .map(Edit::path)
                    .anyMatch(path -> path.equals(List.of("filename")) || path.equals(List.of("file", "filename")));
            return edited(named ? settings.without(NAME) : settings, edits).text();
        }

        @Override
        public boolean isJson() {
            return false;
        }
    }

    private record NamedByJson(Settings settings, JsonObject json) implements Notation {
        @Override
        public String with(List<Edit> edits) {
            Map<Boolean, List<Edit>> besideOrInside = edits.stream()
                    .collect(Collectors.partitioningBy(
                            edit -> edit.path.size() == 1 && Drive.ROOT_ONLY.contains(edit.path.getFirst())));
            Json inside = edited(json, besideOrInside.getOrDefault(false, List.of()));
            Settings beside = edited(settings.without(NAME), besideOrInside.getOrDefault(true, List.of()));
            return beside.with("file", ReferenceName.JSON_PREFIX + JsonWriter.compact(inside))
                    .text();
        }

        @Override
        public boolean isJson() {
            return true;
        }
    }

    private static Settings edited(Settings settings, List<Edit> edits) {
        Settings edited = settings;
        for (Edit edit : edits) {
            edited = edited.replacing(String.join(".", edit.path), edit.value);
        }
        return edited;
    }

    private static Json edited(Json json, List<Edit> edits) {
        Json edited = json;
        for (Edit edit : edits) {
            edited = put(edited, edit.path, edit.value);
        }
        return edited;
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
