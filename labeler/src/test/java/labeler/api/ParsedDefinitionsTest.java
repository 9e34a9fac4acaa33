package labeler.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.libvirt.TestedHost;
import org.junit.jupiter.api.Test;

class ParsedDefinitionsTest {
    private static final String DRIVE = "# for all\n[drive]\n  file = \"/etc/shadow\"\n";

    private static List<Problem> problems(String options, String... words) {
        List<byte[]> argv = Stream.of(words)
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toList();
        return new ParsedDefinitions(TestedHost.withQemuOptions(options))
                .commandLine(argv, HostPath.of("/vm"))
                .definition()
                .problems();
    }

    @Test
    void options_that_each_qemu_of_the_host_reads_are_refused_with_the_way_out() {
        assertThat(problems(DRIVE, "qemu", "-m", "1G"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("/etc/qemu/qemu.conf", "-no-user-config"));
    }

    @Test
    void options_that_qemu_does_not_read_do_not_matter() {
        assertThat(problems(DRIVE, "qemu", "-no-user-config")).isEmpty();
        assertThat(problems("# none\n\n", "qemu")).isEmpty();
        assertThat(problems("", "qemu")).isEmpty();
    }
}
