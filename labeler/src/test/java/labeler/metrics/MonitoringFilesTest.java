package labeler.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import labeler.json.JsonReader;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.VmLifecycle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dashboard and the alerts that this program ships ask for what it counts. */
class MonitoringFilesTest {
    private static final Path DIRECTORY = Path.of("src/main/dist/share/monitoring");
    private static final Pattern NAME = Pattern.compile("labeler_[a-z_]*[a-z]");

    private static Set<String> counted() {
        Metrics metrics = new Metrics();
        metrics.holds(() -> new VmLifecycle.Held(1, 2));
        metrics.request("/v1/vms", 200, Duration.ofMillis(3));
        metrics.peerRefused();
        metrics.start(Metrics.Start.STARTED);
        metrics.labelsSet(1);
        metrics.file(FileReport.Outcome.REVERTED);
        return new String(metrics.text(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> named(String file) throws IOException {
        Set<String> names = new TreeSet<>();
        Matcher matcher = NAME.matcher(Files.readString(DIRECTORY.resolve(file)));
        while (matcher.find()) {
            names.add(matcher.group());
        }
        return names;
    }

    @ParameterizedTest
    @ValueSource(strings = {"grafana-dashboard.json", "prometheus-rules.yml"})
    void every_name_is_one_that_the_service_shows(String file) throws IOException {
        assertThat(named(file)).isNotEmpty().isSubsetOf(counted());
    }

    @Test
    void the_dashboard_is_json_and_shows_each_kind_of_what_is_counted() throws IOException {
        String text = Files.readString(DIRECTORY.resolve("grafana-dashboard.json"));
        assertThat(new JsonReader().read(text)).isInstanceOf(JsonReader.Value.class);
        assertThat(named("grafana-dashboard.json"))
                .containsAll(counted().stream()
                        .filter(name -> !name.endsWith("_count") && !name.endsWith("_sum"))
                        .toList());
    }

    /** An outcome that is misspelt would never raise an alert. */
    @Test
    void the_outcomes_in_the_alerts_are_the_words_of_the_program() throws IOException {
        Set<String> words = new TreeSet<>();
        for (Metrics.Start start : Metrics.Start.values()) {
            words.add(start.word());
        }
        for (FileReport.Outcome outcome : FileReport.Outcome.values()) {
            words.add(outcome.word());
        }
        Matcher matcher = Pattern.compile("outcome=~?\\\\?\"([a-z|-]+)")
                .matcher(Files.readString(DIRECTORY.resolve("prometheus-rules.yml"))
                        + Files.readString(DIRECTORY.resolve("grafana-dashboard.json")));
        int found = 0;
        while (matcher.find()) {
            assertThat(words).contains(matcher.group(1).split("\\|"));
            found++;
        }
        assertThat(found).isGreaterThan(5);
    }
}
