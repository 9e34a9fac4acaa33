package labeler.fileset;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import labeler.chain.testing.Qcow2Builder;
import labeler.linux.HostPath;
import labeler.linux.fake.FakeLinux;
import labeler.problem.Problem;
import labeler.vm.VmDefinition;
import labeler.vm.libvirt.DomainXml;
import org.junit.jupiter.api.Test;

/** Two VMs may write one image only if it has no tables that each of them would keep in memory. */
class ShareableImagesTest {
    private final FakeLinux kernel = new FakeLinux();

    ShareableImagesTest() {
        kernel.file("/vm/raw", new byte[4096]);
        kernel.file("/vm/qcow2", Qcow2Builder.overlay("raw", "raw").build());
    }

    private List<Problem> problems(VmDefinition definition) {
        assertThat(definition.problems()).isEmpty();
        try (FileSet files = new FileSets(kernel.linux()).of(definition)) {
            return files.problems();
        }
    }

    private static VmDefinition qemu(String format, String... more) {
        return FileSets.qemu(Stream.concat(
                        Stream.of("-drive", "if=none,id=d,format=" + format + ",file=/vm/" + format), Stream.of(more))
                .toArray(String[]::new));
    }

    private static VmDefinition domain(String format, String more) {
        return DomainXml.parse(("<domain type='kvm'><devices><disk type='file'><driver name='qemu' type='" + format
                        + "'/><source file='/vm/" + format + "'/><target dev='vda'/>" + more
                        + "</disk></devices></domain>")
                .getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_shareable_image_with_tables_of_its_own_is_refused() {
        for (VmDefinition definition : List.of(
                qemu("qcow2", "-device", "virtio-blk-pci,drive=d,share-rw=on"), domain("qcow2", "<shareable/>"))) {
            assertThat(problems(definition)).singleElement().satisfies(problem -> {
                assertThat(problem.kind()).isEqualTo(Problem.Kind.CONTRADICTION);
                assertThat(problem.file()).hasValue(HostPath.of("/vm/qcow2"));
                assertThat(problem.message()).contains("is qcow2").contains("share a raw image");
            });
        }
    }

    @Test
    void a_raw_one_and_one_that_is_only_read_are_not() {
        for (VmDefinition definition : List.of(
                qemu("raw", "-device", "virtio-blk-pci,drive=d,share-rw=on"),
                domain("raw", "<shareable/>"),
                domain("qcow2", "<shareable/><readonly/>"),
                qemu("qcow2", "-device", "virtio-blk-pci,drive=d,share-rw=off"))) {
            assertThat(problems(definition)).isEmpty();
        }
    }
}
