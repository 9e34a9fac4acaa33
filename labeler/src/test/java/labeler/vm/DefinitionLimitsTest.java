package labeler.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import labeler.problem.Problem;
import labeler.vm.libvirt.DomainXml;
import org.junit.jupiter.api.Test;

/** A definition that is larger than any VM's is refused early, and costs little. */
class DefinitionLimitsTest {
    private static final int MOST_FILES = 2048;

    @Test
    void as_many_files_as_a_definition_may_have_are_read() {
        VmDefinition definition = domain("<devices>" + disks(MOST_FILES) + "</devices>");
        assertThat(definition.problems()).isEmpty();
        assertThat(definition.uses().size()).isEqualTo(MOST_FILES);
    }

    @Test
    void a_definition_of_too_many_files_has_none_to_look_at() {
        VmDefinition definition = domain("<devices>" + disks(MOST_FILES + 1) + "</devices>");
        assertThat(definition.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.TOO_MANY);
            assertThat(problem.message()).contains("more than 2048 files");
        });
        assertThat(definition.uses().size()).isZero();
    }

    @Test
    void a_domain_of_more_elements_than_libvirt_writes_is_not_read_to_its_end() {
        String distances = "<sibling id='0' value='10'/>".repeat(65_000);
        assertThat(domain("<cpu><numa>" + distances + "</numa></cpu>").problems())
                .isEmpty();
        assertThat(domain("<cpu><numa>" + distances + "<sibling/>".repeat(600) + "</numa></cpu>")
                        .problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.kind()).isEqualTo(Problem.Kind.DEFINITION_MALFORMED));
    }

    private static String disks(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> "<disk type='file'><driver name='qemu' type='raw'/><source file='/a" + number
                        + "'/><target dev='v" + number + "'/></disk>")
                .collect(Collectors.joining());
    }

    private static VmDefinition domain(String content) {
        return DomainXml.parse(
                ("<domain type='kvm'><name>limits</name>" + content + "</domain>").getBytes(StandardCharsets.UTF_8));
    }
}
