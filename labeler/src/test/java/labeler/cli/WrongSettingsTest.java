package labeler.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import labeler.config.ConfigReader;
import org.junit.jupiter.api.Test;

/** Commands that go by the service's settings, where those cannot be read. */
class WrongSettingsTest {
    private static final String MESSAGE = "labeler.toml: unknown setting nonsense";

    private final EmptyHost host = new EmptyHost(Map.of("LABELER_SOCKET", "/none"), Map.of());

    private Ran run(String... arguments) {
        return Ran.on(host, false, arguments);
    }

    @Test
    void a_survey_says_that_it_may_have_looked_elsewhere() {
        for (String[] words : List.of(new String[] {"survey", "--json"}, new String[] {"survey", "/vm", "--json"})) {
            host.settings = new ConfigReader.Invalid(MESSAGE);
            assertThat(run(words).out())
                    .contains("\"complete\": false", MESSAGE)
                    .containsSubsequence("\"unseen\"", "pairs of processes", "the settings", "labeler's own VMs");
        }
        assertThat(run("survey").out()).contains("the settings, and the directories that they name");
    }

    @Test
    void a_plan_without_the_service_says_that_it_goes_by_the_defaults() {
        host.settings = new ConfigReader.Invalid(MESSAGE);

        assertThat(run("plan", "web1", "--", "qemu").err()).contains(MESSAGE + "; planned without these settings\n");
    }
}
