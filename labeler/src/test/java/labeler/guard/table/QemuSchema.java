package labeler.guard.table;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;

/** What the qemu that is installed here tells of its commands. */
public final class QemuSchema {
    private QemuSchema() {}

    /** Asks it. */
    public static Schema ask() throws IOException {
        Process process = new ProcessBuilder(
                        "qemu-system-x86_64", "-M", "none", "-nodefaults", "-display", "none", "-S", "-qmp", "stdio")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (OutputStream questions = process.getOutputStream();
                BufferedReader answers = process.inputReader(StandardCharsets.UTF_8)) {
            answers.readLine();
            for (String command : List.of("qmp_capabilities", "query-qmp-schema")) {
                questions.write(("{\"execute\":\"" + command + "\"}\n").getBytes(StandardCharsets.UTF_8));
            }
            questions.flush();
            answers.readLine();
            JsonObject answer = (JsonObject) ((JsonReader.Value) new JsonReader().read(answers.readLine())).json();
            return Schema.of(answer.get("return").orElseThrow());
        } finally {
            process.destroy();
            process.onExit().join();
        }
    }
}
