package labeler.vm.qemu.block;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonDecimal;
import labeler.json.Json.JsonInteger;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.vm.Origin;
import labeler.vm.qemu.text.Settings;

/**
 * A block node of a command line.
 *
 * @param options as they are written
 * @param readOnly its own value or the inherited one
 * @param direct whether it bypasses the host's page cache (O_DIRECT): its own value or the inherited one
 * @param written the entries under the keys of children, whether or not its driver has such a child
 */
public record Node(
        NodePlace place,
        JsonObject options,
        BlockDriver driver,
        boolean readOnly,
        boolean direct,
        List<Child> written) {
    /** Children under these keys with a file name and no driver are the file itself; qemu detects a device. */
    private static final Set<String> FILE_IF_NAMED = Set.of("file", "image", "test", "data-file");

    public Node {
        written = List.copyOf(written);
    }

    /**
     * The node of an option, with the nodes inside.
     *
     * @param readOnly unless it says otherwise
     * @param direct unless it says otherwise
     */
    static Node root(OptionPlace option, JsonObject options, boolean readOnly, boolean direct) {
        return read(new NodePlace(option, List.of()), options, driver(options), readOnly, direct);
    }

    /** Recursion is bounded by the JSON reader's depth, and that of settings. */
    private static Node read(
            NodePlace place,
            JsonObject options,
            BlockDriver driver,
            boolean inheritedReadOnly,
            boolean inheritedDirect) {
        boolean readOnly =
                options.get("read-only").isPresent() ? Settings.isOn("read-only", options) : inheritedReadOnly;
        boolean direct = options.get("cache")
                .filter(cache -> cache instanceof JsonObject settings
                        && settings.get("direct").isPresent())
                .map(cache -> cache instanceof JsonObject settings && Settings.isOn("direct", settings))
                .orElse(inheritedDirect);
        List<Child> children = new ArrayList<>();
        for (Child.Written child : Child.written(options)) {
            children.add(new Child(
                    child.key(),
                    switch (child.json()) {
                        case JsonObject inner ->
                            new Child.Inside(read(
                                    place.below(child.path()),
                                    inner,
                                    isFileIfNamed(child.key(), inner) ? BlockDriver.FILE : driver(inner),
                                    Child.isReadOnlyBelow(child.key(), readOnly),
                                    direct));
                        case JsonString(String name) -> new Child.Named(name);
                        case JsonArray _, JsonBoolean _, JsonInteger _, JsonDecimal _, JsonNull _ ->
                            new Child.Neither();
                    }));
        }
        return new Node(place, options, driver, readOnly, direct, children);
    }

    private static BlockDriver driver(JsonObject options) {
        String name = options.text("driver").orElse("");
        return name.isEmpty() ? BlockDriver.UNDECLARED : BlockDriver.of(name).orElse(BlockDriver.UNKNOWN);
    }

    private static boolean isFileIfNamed(String key, JsonObject options) {
        return FILE_IF_NAMED.contains(key)
                && options.get("driver").isEmpty()
                && options.get("filename").isPresent();
    }

    /** Whether it, or a node that is written inside of it, has this driver. Recursion ends at the depth of JSON. */
    public boolean has(BlockDriver wanted) {
        return driver == wanted
                || written.stream()
                        .anyMatch(child -> child.below() instanceof Child.Inside(Node inside) && inside.has(wanted));
    }

    public Origin origin() {
        return place.option().origin();
    }

    public Optional<String> name() {
        return options.text("node-name");
    }

    /** Whether it is a file by its name, with nothing below it. */
    public boolean isFile() {
        return driver == BlockDriver.FILE;
    }

    /** Whether the start of its {@code file} is read, and may name other files. */
    public boolean hasHeader() {
        return driver == BlockDriver.FORMAT || driver == BlockDriver.UNDECLARED;
    }

    /**
     * Whether qemu opens it for writing.
     *
     * @param quiet whether the user above it never writes: with auto-read-only qemu then opens it only for reading
     */
    public boolean writes(boolean quiet) {
        return !readOnly && !(quiet && Settings.isOn("auto-read-only", options));
    }

    /** The children that its driver has. */
    public List<Child> children() {
        return written.stream()
                .filter(child -> driver.childKeys().contains(child.key()))
                .toList();
    }

    /** The children under one key. */
    public List<Child> children(String key) {
        return written.stream().filter(child -> child.key().equals(key)).toList();
    }

    /** Whether the child is read-only unless it says otherwise; if so, it is never written. */
    public boolean isQuietBelow(Child child) {
        return Child.isReadOnlyBelow(child.key(), readOnly);
    }
}
