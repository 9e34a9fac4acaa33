package labeler.api;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.Json.ObjectBuilder;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import labeler.linux.HostPath;
import labeler.reference.Provenance;
import labeler.review.TrustOutcome;

/** The request to trust an image, and its answer. */
public final class TrustJson {
    private static final String FORMAT = "format";

    private TrustJson() {}

    /**
     * What is asked for.
     *
     * @param format as which the image is read; empty to find out
     */
    public record Request(HostPath image, Optional<ImageFormat> format) {
        public byte[] bytes() {
            ObjectBuilder object = Json.object();
            VmJson.putPath(object, "path", image);
            format.ifPresent(known -> object.put(FORMAT, known.driver()));
            return JsonWriter.compact(object.build()).getBytes(StandardCharsets.UTF_8);
        }
    }

    /** What came of reading. */
    public sealed interface Result {}

    public record Body(Request request) implements Result {}

    /**
     * Not a body of this kind.
     *
     * @param message one line
     */
    public record Unusable(String message) implements Result {}

    public static Result read(byte[] utf8) {
        if (!(new JsonReader().read(utf8) instanceof JsonReader.Value(JsonObject object))) {
            return new Unusable("the body must be a JSON object");
        }
        Optional<HostPath> path = VmJson.path(object).filter(HostPath::isAbsolute);
        if (path.isEmpty()) {
            return new Unusable("the body: \"path\" must be the absolute path of an image");
        }
        Optional<Json> format = object.get(FORMAT);
        Optional<ImageFormat> known = format.flatMap(
                value -> value instanceof JsonString(String text) ? ImageFormat.ofDriver(text) : Optional.empty());
        if (format.isPresent() && known.isEmpty()) {
            return new Unusable("the body: \"format\" must be a format of images that qemu opens");
        }
        return new Body(new Request(path.get(), known));
    }

    /** The answer. */
    public static JsonObject trusted(TrustOutcome.Trusted trusted, boolean dryRun) {
        return Json.object()
                .put("recorded", !dryRun)
                .put("images", trusted.images().stream().map(TrustJson::image).toList())
                .build();
    }

    private static JsonObject image(TrustOutcome.Image image) {
        ObjectBuilder object = Json.object();
        VmJson.putPath(object, "path", image.path());
        return object.put(FORMAT, image.format().driver())
                .put(
                        "references",
                        image.references().stream().map(TrustJson::named).toList())
                .build();
    }

    private static JsonObject named(TrustOutcome.Named named) {
        FileName name = named.reference().name();
        ObjectBuilder object =
                Json.object().put("role", named.reference().role().word());
        HostPath.parse(name.bytes())
                .ifPresentOrElse(
                        path -> VmJson.putPath(object, "name", path), () -> object.put("name", name.printable()));
        return object.put(FORMAT, named.reference().format())
                .put("before", named.before().map(Provenance::word).orElse("unknown"))
                .build();
    }
}
