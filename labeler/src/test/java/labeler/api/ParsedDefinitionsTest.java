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

    private static List<Problem> beside(String file, String directory, String... words) {
        List<byte[]> argv = Stream.concat(Stream.of("qemu"), Stream.of(words))
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toList();
        return new ParsedDefinitions(TestedHost.withFiles(file))
                .commandLine(argv, HostPath.of(directory))
                .definition()
                .problems();
    }

    @Test
    void firmware_beside_which_qemu_is_started_is_refused_since_qemu_takes_it_for_its_own() {
        assertThat(beside("/tmp/bios-256k.bin", "/tmp", "-m", "1G"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message())
                        .contains("/tmp/bios-256k.bin", "in another directory")
                        .doesNotContain("\n"));
        assertThat(beside("/tmp/en-us", "/tmp", "-vnc", "unix:/v")).hasSize(1);
        assertThat(beside("/tmp/mymap", "/tmp", "-k", "mymap")).hasSize(1);
    }

    @Test
    void other_files_beside_which_qemu_is_started_do_not_matter() {
        assertThat(beside("/tmp/disk", "/tmp")).isEmpty();
        assertThat(beside("/tmp/bios-256k.bin", "/vm")).isEmpty();
        assertThat(beside("/tmp/en-us", "/tmp", "-k", "de")).isEmpty();
        // An option names it: it is a file of the VM's.
        assertThat(beside("/tmp/bios-256k.bin", "/tmp", "-bios", "bios-256k.bin"))
                .isEmpty();
    }
}
