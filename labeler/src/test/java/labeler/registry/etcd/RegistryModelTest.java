package labeler.registry.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.needs.Need;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Spin searches the protocol for two hosts, two files and failures anywhere: every state that it can reach. With
 * {@code -Dlabeler.registry.model=2} each host starts so many VMs, which takes minutes and some gigabytes.
 */
class RegistryModelTest {
    private static final int STARTS = Integer.getInteger("labeler.registry.model", 1);
    private static final Pattern STATES = Pattern.compile("([0-9.e+]+) states, stored");

    @TempDir
    private Path directory;

    @BeforeAll
    static void require() {
        for (String program : List.of("/usr/bin/spin", "/usr/bin/gcc")) {
            Need.require(Files.isExecutable(Path.of(program)), "needs " + program + " (./dev setup installs it)");
        }
    }

    @Test
    void nothing_goes_wrong_in_any_state() throws IOException, InterruptedException {
        String report = search(List.of("-DCRASHES=2", "-DSTARTS=" + STARTS));

        assertThat(report).contains("errors: 0").doesNotContain("max search depth too small");
        assertThat(states(report)).as("a search that saw anything").isGreaterThan(1e6);
    }

    /** The model bites: without one of its rules Spin finds what goes wrong. */
    @ParameterizedTest
    @ValueSource(strings = {"BREAK_ORDER", "BREAK_LAST", "BREAK_SESSION", "BREAK_PAIR", "BREAK_MOVE"})
    void without_one_rule_something_goes_wrong(String rule) throws IOException, InterruptedException {
        assertThat(search(List.of("-DCRASHES=2", "-DSTARTS=1", "-D" + rule))).contains("errors: 1");
    }

    private static double states(String report) {
        Matcher states = STATES.matcher(report);
        assertThat(states.find()).as(report).isTrue();
        return Double.parseDouble(states.group(1));
    }

    private String search(List<String> definitions) throws IOException, InterruptedException {
        Path model = directory.resolve("protocol.pml");
        try (InputStream resource =
                Objects.requireNonNull(RegistryModelTest.class.getResourceAsStream("/labeler/registry/protocol.pml"))) {
            Files.write(model, resource.readAllBytes());
        }
        List<String> make = new ArrayList<>(List.of("spin"));
        make.addAll(definitions);
        make.addAll(List.of("-a", model.getFileName().toString()));
        run(make);
        run(List.of("gcc", "-w", "-O2", "-DSAFETY", "-DCOLLAPSE", "-o", "search", "pan.c"));
        return run(List.of("./search", "-m100000", "-w23"));
    }

    private String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
