package labeler.fileset;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import labeler.fileset.device.DeviceTree;
import labeler.linux.HostPath;
import labeler.linux.fake.FakeLinux;
import labeler.vm.VmDefinition;
import labeler.vm.libvirt.DomainXml;
import org.junit.jupiter.api.Test;

/** Nodes of which the kernel does not know the device: those open to every process are left alone, others refused. */
class UnknownNodesTest {
    private static final List<String> NODES =
            List.of("/dev/random", "/dev/urandom", "/dev/null", "/dev/zero", "/dev/other", "/dev/dri/renderD128");

    private final FakeLinux kernel = new FakeLinux();

    UnknownNodesTest() {
        NODES.forEach(path -> kernel.characterDevice(path, 1));
    }

    private FileSet files(SystemFiles systemFiles, VmDefinition definition) {
        return new FileSets(kernel.linux(), systemFiles).of(definition);
    }

    private static VmDefinition randomNumbers(String path) {
        return FileSets.qemu("-object", "rng-random,id=r,filename=" + path);
    }

    private static VmDefinition domain(String path) {
        return DomainXml.parse(("<domain type='kvm'><devices><rng model='virtio'><backend model='random'>" + path
                        + "</backend></rng></devices></domain>")
                .getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_source_of_random_numbers_that_every_process_has_is_left_with_the_reason() {
        for (String path : List.of("/dev/random", "/dev/urandom", "/dev/null", "/dev/zero")) {
            for (VmDefinition definition : List.of(randomNumbers(path), domain(path))) {
                try (FileSet files = files(SystemFiles.DEFAULT, definition)) {
                    assertThat(files.problems()).as(path).isEmpty();
                    assertThat(files.files())
                            .singleElement()
                            .satisfies(file -> assertThat(file.leaveReason())
                                    .hasValue("a device node that is open to every process"));
                }
            }
        }
    }

    @Test
    void a_node_that_the_settings_give_to_every_vm_is_left() {
        SystemFiles configured = new SystemFiles(
                List.of(HostPath.of("/dev/other"), HostPath.of("/dev/null")),
                DeviceTree.OF_HOST,
                true,
                OtherNames.NONE);
        try (FileSet files = files(configured, randomNumbers("/dev/other"))) {
            assertThat(files.problems()).isEmpty();
            assertThat(files.files())
                    .singleElement()
                    .satisfies(file -> assertThat(file.leaveReason())
                            .hasValue("a device node that launch.devices gives to every VM"));
        }
    }

    @Test
    void another_node_is_refused_and_what_to_do_is_said() {
        try (FileSet files =
                files(SystemFiles.DEFAULT, FileSets.qemu("-display", "egl-headless,rendernode=/dev/dri/renderD128"))) {
            assertThat(files.problems())
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.message())
                            .contains("launch.devices")
                            .doesNotContain("urandom"));
        }
    }
}
