package labeler.api;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.Json.ObjectBuilder;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import labeler.linux.HostPath;

/**
 * The body of an attach or a detach, as the command line writes it and the service reads it. QMP is Unicode, and so is all
 * of it.
 *
 * @param blockdevs of an attach: what {@code -blockdev} takes
 * @param device of an attach: what {@code -device} takes; of a detach, the disk's name
 * @param monitor the socket of the VM's QMP; empty for the one that the service knows
 */
public record DiskBody(List<String> blockdevs, Optional<String> device, Optional<HostPath> monitor) {
    private static final String BLOCKDEVS = "blockdevs";
    private static final String DEVICE = "device";
    private static final String DISK = "disk";
    private static final String MONITOR = "monitor";

    public DiskBody {
        blockdevs = List.copyOf(blockdevs);
    }

    /** What came of reading. */
    public sealed interface Result {}

    public record Body(DiskBody body) implements Result {}

    /**
     * Not a body of this kind.
     *
     * @param message one line
     */
    public record Unusable(String message) implements Result {}

    /** As it is sent for an attach. */
    public byte[] attach() {
        ObjectBuilder object =
                Json.object().put(BLOCKDEVS, blockdevs.stream().map(Json::of).toList());
        device.ifPresent(text -> object.put(DEVICE, text));
        return bytes(object);
    }

    /** As it is sent for a detach. */
    public byte[] detach() {
        ObjectBuilder object = Json.object();
        device.ifPresent(text -> object.put(DISK, text));
        return bytes(object);
    }

    private byte[] bytes(ObjectBuilder object) {
        monitor.flatMap(HostPath::utf8).ifPresent(path -> object.put(MONITOR, path));
        return JsonWriter.compact(object.build()).getBytes(StandardCharsets.UTF_8);
    }

    /** The body of an attach. */
    public static Result readAttach(byte[] utf8) {
        return read(utf8, DEVICE, List.of(BLOCKDEVS, DEVICE, MONITOR));
    }

    /** The body of a detach. */
    public static Result readDetach(byte[] utf8) {
        Result result = read(utf8, DISK, List.of(DISK, MONITOR));
        return result instanceof Body(DiskBody body) && body.device().isEmpty()
                ? new Unusable("the body: \"disk\" must be the name of a disk that joined")
                : result;
    }

    private static Result read(byte[] utf8, String device, List<String> known) {
        if (!(new JsonReader().read(utf8) instanceof JsonReader.Value(JsonObject object))) {
            return new Unusable("the body must be a JSON object");
        }
        for (String name : object.members().keySet()) {
            if (!known.contains(name)) {
                return new Unusable("the body: it has " + String.join(", ", known) + ", and no other member");
            }
        }
        for (String name : List.of(device, MONITOR)) {
            if (object.get(name).filter(value -> !(value instanceof JsonString)).isPresent()
                    || object.text(name).filter(text -> text.indexOf(0) >= 0).isPresent()) {
                return new Unusable("the body: \"" + name + "\" must be a string without NUL");
            }
        }
        Optional<HostPath> monitor =
                object.text(MONITOR).flatMap(path -> HostPath.parse(path.getBytes(StandardCharsets.UTF_8)));
        if (object.get(MONITOR).isPresent()
                && monitor.filter(HostPath::isAbsolute).isEmpty()) {
            return new Unusable("the body: \"monitor\" must be an absolute path");
        }
        Optional<List<String>> blockdevs = texts(object.get(BLOCKDEVS).orElseGet(() -> Json.array(List.of())));
        return blockdevs
                .<Result>map(all -> new Body(new DiskBody(all, object.text(device), monitor)))
                .orElseGet(() -> new Unusable("the body: \"blockdevs\" must be a list of strings without NUL"));
    }

    private static Optional<List<String>> texts(Json json) {
        if (!(json instanceof JsonArray(List<Json> elements))) {
            return Optional.empty();
        }
        List<String> texts = elements.stream()
                .filter(JsonString.class::isInstance)
                .map(element -> ((JsonString) element).text())
                .filter(text -> text.indexOf(0) < 0)
                .toList();
        return texts.size() == elements.size() ? Optional.of(texts) : Optional.empty();
    }
}
