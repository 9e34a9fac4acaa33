package labeler.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.libvirt.DomainXml;
import labeler.vm.qemu.option.QemuCommandLine;
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
        String distances = "<sibling id='0' value='10'/>".repeat(40_900);
        assertThat(domain("<cpu><numa>" + distances + "</numa></cpu>").problems())
                .isEmpty();
        assertThat(domain("<cpu><numa>" + distances + "<sibling/>".repeat(60) + "</numa></cpu>")
                        .problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.kind()).isEqualTo(Problem.Kind.DEFINITION_MALFORMED));
    }

    @Test
    void the_largest_vms_of_libvirt_are_within_the_limits() {
        assertThat(domain("<devices>" + chains(1000, 5) + "</devices>").problems())
                .isEmpty();
        assertThat(domain(numaNodes(128) + "<devices>" + chains(500, 10) + "</devices>")
                        .problems())
                .isEmpty();
    }

    @Test
    void a_command_line_of_a_thousand_disks_is_read() {
        VmDefinition definition = commandLine(1000);
        assertThat(definition.problems()).isEmpty();
        assertThat(definition.uses().size()).isEqualTo(1000);
    }

    @Test
    void a_command_line_of_more_arguments_than_libvirt_writes_is_refused_in_one_line() {
        assertThat(commandLine(1400).problems()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.TOO_MANY);
            assertThat(problem.message()).contains("more than 8192 arguments");
        });
    }

    /** Each disk as libvirt writes it: file, format and device. */
    private static VmDefinition commandLine(int disks) {
        List<byte[]> argv = new ArrayList<>();
        argv.add("qemu-system-x86_64".getBytes(StandardCharsets.UTF_8));
        for (int number = 0; number < disks; number++) {
            for (String word : List.of(
                    "-blockdev",
                    "{\"driver\":\"file\",\"filename\":\"/a" + number + "\",\"node-name\":\"s" + number + "\"}",
                    "-blockdev",
                    "{\"driver\":\"raw\",\"file\":\"s" + number + "\",\"node-name\":\"f" + number + "\"}",
                    "-device",
                    "{\"driver\":\"scsi-hd\",\"drive\":\"f" + number + "\",\"id\":\"d" + number + "\"}")) {
                argv.add(word.getBytes(StandardCharsets.UTF_8));
            }
        }
        return QemuCommandLine.read(argv, HostPath.of("/")).definition();
    }

    /** Disks as libvirt writes them while they run. */
    private static String chains(int disks, int files) {
        return IntStream.range(0, disks)
                .mapToObj(number ->
                        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>" + source(number, 0)
                                + below(number, 1, files) + "<target dev='v" + number
                                + "' bus='virtio'/><alias name='d'/><address type='pci'/></disk>")
                .collect(Collectors.joining());
    }

    private static String below(int disk, int first, int files) {
        return first == files
                ? "<backingStore/>"
                : "<backingStore type='file'><format type='qcow2'/>" + source(disk, first)
                        + below(disk, first + 1, files) + "</backingStore>";
    }

    private static String source(int disk, int layer) {
        return "<source file='/a" + disk % 200 + "-" + layer + "'/>";
    }

    private static String numaNodes(int count) {
        String distances = "<distances>"
                + IntStream.range(0, count)
                        .mapToObj(other -> "<sibling id='" + other + "' value='20'/>")
                        .collect(Collectors.joining())
                + "</distances>";
        return "<cpu><numa>"
                + IntStream.range(0, count)
                        .mapToObj(cell -> "<cell id='" + cell + "' memory='1'>" + distances + "</cell>")
                        .collect(Collectors.joining())
                + "</numa></cpu>";
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
