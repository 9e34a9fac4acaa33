package labeler.api;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;
import labeler.json.Json.ObjectBuilder;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import labeler.leftover.Leftover;
import labeler.leftover.ScanPage;
import labeler.leftover.ScanRequest;
import labeler.linux.HostPath;
import labeler.selinux.SecurityContext;

/** The body of a scan, as the command line writes it and the service reads it, and the answer. */
public final class ScanBody {
    private static final String DIRECTORY = "directory";
    private static final String AFTER = "after";
    private static final String APPLY = "apply";
    private static final List<String> MEMBERS =
            List.of(DIRECTORY, DIRECTORY + "Base64", AFTER, AFTER + "Base64", APPLY);

    /** What came of reading. */
    public sealed interface Result {}

    public record Body(ScanRequest request) implements Result {}

    /**
     * Not a body of this kind.
     *
     * @param message one line
     */
    public record Unusable(String message) implements Result {}

    private ScanBody() {}

    /** As it is sent. */
    public static byte[] of(ScanRequest request) {
        ObjectBuilder object = Json.object();
        VmJson.putPath(object, DIRECTORY, request.directory());
        request.after().ifPresent(path -> VmJson.putPath(object, AFTER, path));
        return JsonWriter.compact(object.put(APPLY, request.apply()).build()).getBytes(StandardCharsets.UTF_8);
    }

    /** As it arrives. */
    public static Result read(byte[] utf8) {
        if (!(new JsonReader().read(utf8) instanceof JsonReader.Value(JsonObject object))) {
            return new Unusable("the body must be a JSON object");
        }
        if (!MEMBERS.containsAll(object.members().keySet())) {
            return new Unusable("the body: it has " + String.join(", ", MEMBERS) + ", and no other member");
        }
        Optional<HostPath> directory = VmJson.path(object, DIRECTORY).filter(HostPath::isAbsolute);
        if (directory.isEmpty()) {
            return new Unusable("the body: \"directory\" must be an absolute path");
        }
        Optional<HostPath> after = after(object);
        if (after.isEmpty() && (isSaid(object, AFTER) || isSaid(object, AFTER + "Base64"))) {
            return new Unusable("the body: \"after\" must be a path below the directory");
        }
        Optional<Json> apply = object.get(APPLY);
        if (apply.filter(value -> !(value instanceof JsonBoolean)).isPresent()) {
            return new Unusable("the body: \"apply\" must be true or false");
        }
        return new Body(new ScanRequest(directory.get(), after, apply.equals(Optional.of(Json.of(true)))));
    }

    private static boolean isSaid(JsonObject object, String name) {
        return object.get(name).filter(value -> !(value instanceof JsonNull)).isPresent();
    }

    /** Where an answer says that the next part begins. */
    public static Optional<HostPath> after(JsonObject answer) {
        return VmJson.path(answer, AFTER);
    }

    /** The answer. */
    public static JsonObject page(ScanPage page) {
        ObjectBuilder object = Json.object()
                .put("files", page.files().stream().map(ScanBody::file).toList())
                .put("looked", page.looked())
                .put("warnings", page.warnings().stream().map(Json::of).toList());
        page.after()
                .ifPresentOrElse(path -> VmJson.putPath(object, AFTER, path), () -> object.put(AFTER, Json.nothing()));
        return object.build();
    }

    private static JsonObject file(Leftover file) {
        ObjectBuilder object = Json.object();
        VmJson.putPath(object, "path", file.path());
        return object.put("context", file.label().printable())
                .put("policyContext", Json.ofNullable(file.policy().map(SecurityContext::toString)))
                .put("outcome", file.fate().word())
                .put("message", file.message())
                .build();
    }
}
