package labeler.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import labeler.api.ApiJson;
import labeler.json.JsonWriter;
import labeler.policy.InstalledModule;
import labeler.policy.ModuleState;
import labeler.policy.PolicyStatus;
import labeler.policy.ShippedModule;
import labeler.selinux.SelinuxHost;
import org.junit.jupiter.api.Test;

class PolicyAnswerTest {
    @Test
    void the_json_is_as_it_always_was() {
        PolicyStatus status = new PolicyStatus(
                new ShippedModule(Path.of("/usr/share/labeler.cil"), "ab", Map.of("labeler_use_nfs", true)),
                List.of(new InstalledModule(400, true, "cd"), new InstalledModule(100, false, "ab")),
                ModuleState.OTHER,
                SelinuxHost.Mode.ENFORCING,
                Map.of("labeler_use_nfs", false),
                List.of("virt_use_nfs"));

        assertThat(JsonWriter.compact(ApiJson.write(PolicyAnswer.of(List.of("a change"), status))))
                .isEqualTo("{\"module\":\"labeler\",\"state\":\"other-version\",\"selinux\":\"enforcing\","
                        + "\"shipped\":{\"path\":\"/usr/share/labeler.cil\",\"sha256\":\"ab\"},"
                        + "\"installed\":[{\"priority\":400,\"enabled\":true,\"sha256\":\"cd\"},"
                        + "{\"priority\":100,\"enabled\":false,\"sha256\":\"ab\"}],"
                        + "\"booleans\":[{\"name\":\"labeler_use_nfs\",\"value\":false,\"default\":true}],"
                        + "\"opening\":[\"virt_use_nfs\"],\"changes\":[\"a change\"]}");
    }
}
