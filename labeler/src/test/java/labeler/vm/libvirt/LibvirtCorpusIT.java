package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import labeler.needs.Need;
import labeler.problem.Problem;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The domains in the source of the libvirt that is installed. Numbers of all: ./dev coverage. */
class LibvirtCorpusIT {
    private static final String DEV =
            Path.of("../dev").toAbsolutePath().normalize().toString();

    /** The goal; what is refused beyond it is on the list with its reason. */
    private static final double LEAST_PLANNED = 0.97;

    private static Corpus corpus = new Corpus(Path.of("."));

    @BeforeAll
    static void fetch() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(DEV, "coverage", "--fetch")
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output;
        try (InputStream in = process.getInputStream()) {
            output = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
        Need.require(process.waitFor() == 0, "needs the source of the installed libvirt: " + output);
        corpus =
                new Corpus(Path.of(output.lines().reduce("", (_, last) -> last)).resolve("tests"));
    }

    /** {@code NAME REASON} on each line. */
    private static Map<String, String> listed() throws IOException {
        try (InputStream in = Objects.requireNonNull(LibvirtCorpusIT.class.getResourceAsStream("refused.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .collect(Collectors.toMap(
                            line -> line.substring(0, line.indexOf(' ')),
                            line -> line.substring(line.indexOf(' ')).strip()));
        }
    }

    @Test
    void all_but_a_few_domains_are_planned_and_those_are_on_a_list_with_their_reason() throws IOException {
        List<Corpus.Accepted> accepted = corpus.accepted();
        Map<String, List<String>> refused = new TreeMap<>();
        for (Corpus.Accepted domain : accepted) {
            List<String> problems = corpus.definition(domain).problems().stream()
                    .map(Problem::message)
                    .toList();
            if (!problems.isEmpty()) {
                refused.put(domain.name(), problems);
            }
        }
        assertThat(accepted).hasSizeGreaterThan(900);
        assertThat(1 - (double) refused.size() / accepted.size()).isGreaterThanOrEqualTo(LEAST_PLANNED);
        Map<String, String> listed = listed();
        assertThat(refused.keySet()).as("%s", refused).isEqualTo(new TreeSet<>(listed.keySet()));
        refused.forEach((name, problems) ->
                assertThat(problems).as(name).anyMatch(problem -> problem.contains(listed.get(name))));
    }

    /** libvirt's own expectation is the oracle: qemu gets no file that the definition does not name. */
    @Test
    void each_file_in_the_command_line_that_libvirt_makes_is_in_the_definition() {
        List<String> missing = new ArrayList<>();
        for (Corpus.Accepted domain : corpus.accepted()) {
            var definition = corpus.definition(domain);
            if (definition.problems().isEmpty()) {
                domain.expected().stream()
                        .flatMap(line -> ExpectedFiles.missing(definition, line).stream())
                        .forEach(name -> missing.add(domain.name() + " " + name));
            }
        }
        assertThat(missing).isEmpty();
    }
}
