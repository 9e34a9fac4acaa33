package labeler.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.config.ConfigReader;
import labeler.linux.jna.JnaLinux;
import labeler.survey.SurveyRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostSurveyTest {
    private static final SurveyRequest WITHOUT_SERVICE = new SurveyRequest(List.of(), Optional.empty(), "no service");

    private static SurveyRequest known(ConfigReader.Result settings) {
        return new HostSurvey(JnaLinux.create(), settings, false).known(WITHOUT_SERVICE);
    }

    @Test
    void a_service_that_has_never_run_holds_no_vm_if_its_settings_say_where_it_would(@TempDir Path state)
            throws IOException {
        ConfigReader.Result settings =
                ConfigReader.parse("labeler.toml", "[service]\nstate-directory = \"" + state + "\"");
        assertThat(known(settings).held()).hasValue(List.of());

        Files.createFile(state.resolve("journal.db"));
        assertThat(known(settings)).isEqualTo(WITHOUT_SERVICE);
        assertThat(known(new ConfigReader.Invalid("unknown setting"))).isEqualTo(WITHOUT_SERVICE);
    }
}
