package labeler.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.described.YamlText;
import labeler.json.Json;
import labeler.json.JsonReader;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.VmLifecycle;
import labeler.linux.HostPath;
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
        metrics.cluster(() -> true);
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

    @Test
    void the_alert_about_labels_is_raised_by_each_failure_and_by_nothing_else() throws IOException {
        Set<String> failures = Stream.of(FileReport.Outcome.values())
                .filter(outcome -> new FileReport(HostPath.of("/"), outcome, "").isFailure())
                .map(FileReport.Outcome::word)
                .collect(Collectors.toSet());
        Matcher outcomes = Pattern.compile("outcome=~\"([a-z|-]+)\"").matcher(expression("LabelerLabelsNotGivenBack"));
        assertThat(outcomes.find()).isTrue();
        assertThat(outcomes.group(1).split("\\|")).containsExactlyInAnyOrderElementsOf(failures);
    }

    @Test
    void a_registry_that_does_not_answer_is_an_alert() throws IOException {
        assertThat(expression("LabelerRegistryUnreachable")).isEqualTo("labeler_cluster_reachable == 0");
    }

    private static String expression(String alert) throws IOException {
        Json.JsonObject file =
                (Json.JsonObject) YamlText.read(Files.readString(DIRECTORY.resolve("prometheus-rules.yml")));
        return file.objects("groups").stream()
                .flatMap(group -> group.objects("rules").stream())
                .filter(rule -> rule.text("alert").equals(Optional.of(alert)))
                .map(rule -> rule.text("expr").orElseThrow())
                .collect(Collectors.joining());
    }

    /** A counter whose first value is 1 has not increased, and raises no alert. */
    @Test
    void what_an_alert_counts_is_there_before_it_happens() {
        Metrics metrics = new Metrics();
        metrics.serves(List.of("/v1/vms"));

        assertThat(new String(metrics.text(), StandardCharsets.UTF_8))
                .contains(
                        "labeler_file_outcomes_total{outcome=\"lost\"} 0.0",
                        "labeler_vm_starts_total{outcome=\"failed\"} 0.0",
                        "labeler_requests_total{route=\"/v1/vms\",status=\"500\"} 0.0",
                        "labeler_peers_refused_total 0.0");
    }
}
