package labeler.guard.table;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;

/** What the qemu that is installed here tells of its commands and devices. */
public final class QemuSchema implements AutoCloseable {
    private final Process process;
    private final OutputStream questions;
    private final BufferedReader answers;

    private QemuSchema() throws IOException {
        process = new ProcessBuilder(
                        "qemu-system-x86_64", "-M", "none", "-nodefaults", "-display", "none", "-S", "-qmp", "stdio")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        questions = process.getOutputStream();
        answers = process.inputReader(StandardCharsets.UTF_8);
        answers.readLine();
        Json _ = answer("qmp_capabilities", Json.object().build());
    }

    /** Asks it for its commands. */
    public static Schema ask() throws IOException {
        try (QemuSchema qemu = new QemuSchema()) {
            return Schema.of(qemu.answer("query-qmp-schema", Json.object().build()));
        }
    }

    /** The properties of each device that can be added, with their types. */
    static Map<String, Map<String, String>> devices() throws IOException {
        Map<String, Map<String, String>> devices = new LinkedHashMap<>();
        try (QemuSchema qemu = new QemuSchema()) {
            Json all = qemu.answer(
                    "qom-list-types",
                    Json.object()
                            .put("implements", "device")
                            .put("abstract", false)
                            .build());
            for (String name : named(all).keySet()) {
                devices.put(
                        name,
                        named(qemu.answer(
                                "device-list-properties",
                                Json.object().put("typename", name).build())));
            }
        }
        return devices;
    }

    /** The type of each by its name; the parent, if it is a type itself. */
    private static Map<String, String> named(Json list) {
        return Json.object().put("all", list).build().objects("all").stream()
                .collect(Collectors.toMap(
                        each -> each.text("name").orElseThrow(),
                        each -> each.text("type").or(() -> each.text("parent")).orElse(""),
                        (first, _) -> first,
                        LinkedHashMap::new));
    }

    private Json answer(String command, JsonObject arguments) throws IOException {
        JsonObject question = Json.object()
                .put("execute", command)
                .put("arguments", arguments)
                .build();
        questions.write((JsonWriter.compact(question) + "\n").getBytes(StandardCharsets.UTF_8));
        questions.flush();
        JsonObject answer = (JsonObject) ((JsonReader.Value) new JsonReader().read(answers.readLine())).json();
        return answer.get("return").orElse(Json.nothing());
    }

    @Override
    public void close() throws IOException {
        questions.close();
        answers.close();
        process.destroy();
        process.onExit().join();
    }
}
