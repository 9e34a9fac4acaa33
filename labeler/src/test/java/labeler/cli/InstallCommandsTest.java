package labeler.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that install something: policy, hook and a domain's emulator. None of them asks the service. */
class InstallCommandsTest {
    private final Map<String, String> environment = new HashMap<>();

    @TempDir
    Path directory;

    private Ran run(String... arguments) {
        return Ran.on(new EmptyHost(environment, Map.of()), false, arguments);
    }

    @Test
    void policy_without_the_tools_of_selinux_is_refused_in_one_line() {
        for (String action : List.of("install", "status", "remove")) {
            Ran result = run("policy", action);
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err()).contains("semodule is not installed").hasLineCount(1);
        }
    }

    @Test
    void policy_is_for_root() {
        environment.put("SELINUX_TOOLS", "yes");

        Ran result = run("policy", "status");

        assertThat(result.exitCode()).isEqualTo(5);
        assertThat(result.err()).contains("only root may").hasLineCount(1);
    }

    @Test
    void a_boolean_is_for_the_installation_and_has_a_value() {
        assertThat(run("policy", "status", "--boolean", "labeler_use_nfs=off").exitCode())
                .isEqualTo(2);
        assertThat(run("policy", "install", "--boolean", "labeler_use_nfs").exitCode())
                .isEqualTo(2);
        assertThat(run("policy", "install", "--boolean", "labeler_use_nfs=maybe")
                        .exitCode())
                .isEqualTo(2);
    }

    @Test
    void the_hook_tells_of_itself_in_json() throws IOException {
        String hooks = directory.resolve("hooks").toString();
        String path = hooks + "/qemu.d/labeler";
        String[][] steps = {
            {"status", "1", "absent"},
            {"install", "0", "current"},
            {"install", "0", "current"},
            {"status", "0", "current"},
            {"remove", "0", "absent"}
        };
        for (String[] step : steps) {
            Ran result = run("hook", step[0], "libvirt", "--hooks-dir", hooks, "--json");
            assertThat(result.exitCode()).as(step[0]).isEqualTo(Integer.parseInt(step[1]));
            assertThat(result.err()).isEmpty();
            assertThat(new JsonReader().read(result.out())).isInstanceOfSatisfying(JsonReader.Value.class, value -> {
                JsonObject object = (JsonObject) value.json();
                assertThat(object.members()).containsOnlyKeys("manager", "path", "state", "message");
                assertThat(object.text("manager")).contains("libvirt");
                assertThat(object.text("path")).contains(path);
                assertThat(object.text("state")).contains(step[2]);
                assertThat(object.text("message").orElseThrow()).isNotEmpty();
            });
        }
        Files.writeString(directory.resolve("hooks/qemu.d/labeler"), "somebody's");
        Ran foreign = run("hook", "install", "libvirt", "--hooks-dir", hooks, "--json");
        assertThat(foreign.exitCode()).isEqualTo(3);
        assertThat(foreign.err()).contains("is not labeler's").hasLineCount(1);
        assertThat(foreign.out()).contains("\"state\": \"foreign\"");
    }

    @Test
    void without_virsh_no_domain_is_adopted() {
        for (String verb : new String[] {"adopt", "release"}) {
            Ran result = run("libvirt", verb, "web1");
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err()).isEqualTo("labeler: web1: virsh is not installed; nothing has changed\n");
        }
    }
}
