package labeler.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.descriptors.Comparison;
import labeler.descriptors.Drift;
import labeler.descriptors.KnownVm;
import labeler.descriptors.KnownVm.KnownFile;
import labeler.descriptors.OpenMode;
import labeler.json.Json;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonObject;
import labeler.json.Json.ObjectBuilder;
import labeler.linux.Access;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.vm.UseAccess;

/** What a VM should have open, read out of the service's answers; and what came of looking. */
public final class OpenFilesJson {
    private OpenFilesJson() {}

    /** A VM of an answer to {@code GET /v1/vms}. */
    public static KnownVm vm(JsonObject vm) {
        return new KnownVm(
                vm.text("vm").orElse(""),
                vm.number("pid").map(Math::toIntExact).map(Pid::new),
                objects(vm, "files").flatMap(file -> file(file).stream()).toList());
    }

    private static Stream<JsonObject> objects(JsonObject parent, String name) {
        return parent.elements(name).stream()
                .filter(JsonObject.class::isInstance)
                .map(JsonObject.class::cast);
    }

    private static Optional<KnownFile> file(JsonObject file) {
        Optional<FileIdentity> identity = file.number("device")
                .flatMap(
                        device -> file.number("inode").map(inode -> new FileIdentity(device, inode, Optional.empty())));
        Set<OpenMode> handed =
                objects(file, "handed").flatMap(mode -> mode(mode).stream()).collect(Collectors.toSet());
        boolean passed = file.text("treatment").equals(Optional.of("pass"));
        boolean written = handed.stream().anyMatch(OpenMode::writes)
                || objects(file, "uses")
                        .anyMatch(use -> !use.text("access").equals(Optional.of(UseAccess.READ_ONLY.word())));
        return VmJson.path(file).map(path -> new KnownFile(path, identity, passed, written, handed));
    }

    private static Optional<OpenMode> mode(JsonObject mode) {
        boolean direct = mode.get("direct").equals(Optional.of(new JsonBoolean(true)));
        return Stream.of(Access.values())
                .filter(access -> mode.text("access").equals(Optional.of(OpenMode.word(access))))
                .map(access -> new OpenMode(access, direct))
                .findFirst();
    }

    /** A report of a verification, with what came of looking, and its drift with the others'. */
    public static JsonObject with(JsonObject report, Comparison comparison) {
        ObjectBuilder object = Json.object();
        for (Map.Entry<String, Json> member : report.members().entrySet()) {
            object.put(member.getKey(), member.getValue());
        }
        return switch (comparison) {
            case Comparison.NotCompared(String why) ->
                object.put(
                                "descriptors",
                                Json.object()
                                        .put("compared", false)
                                        .put("message", why)
                                        .build())
                        .build();
            case Comparison.Compared(List<Drift> drift) ->
                object.put("drift", report.number("drift").orElse(0L) + drift.size())
                        .put(
                                "descriptors",
                                Json.object()
                                        .put("compared", true)
                                        .put(
                                                "drift",
                                                drift.stream()
                                                        .map(OpenFilesJson::drift)
                                                        .toList())
                                        .build())
                        .build();
        };
    }

    private static JsonObject drift(Drift drift) {
        ObjectBuilder object = Json.object().put("kind", drift.kind());
        switch (drift) {
            case Drift.NotOpen(HostPath path, OpenMode _) -> VmJson.putPath(object, "path", path);
            case Drift.Writable(HostPath path, int descriptor) -> {
                VmJson.putPath(object, "path", path);
                object.put("descriptor", descriptor);
            }
            case Drift.Foreign(int descriptor, String file, String _) ->
                object.put("path", file).put("descriptor", descriptor);
        }
        return object.put("message", drift.message()).build();
    }
}
