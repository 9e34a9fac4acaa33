package labeler.vm.libvirt;

import static labeler.vm.libvirt.DomainXmlTest.deviceProblems;
import static labeler.vm.libvirt.DomainXmlTest.devices;
import static labeler.vm.libvirt.DomainXmlTest.parse;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A device of the host may hold an image with layers below it, which are files of the host like any other. */
class DisksWithoutAnImageTest {
    private static final String NVME = "<source type='pci' managed='yes' namespace='1'>"
            + "<address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source>";

    private static final String BELOW =
            "<backingStore type='file'><format type='qcow2'/><source file='/b'/><backingStore/></backingStore>";

    private static String disk(String type, String format, String rest) {
        return "<disk type='" + type + "'><driver type='" + format + "'/>" + rest + "<target dev='vda'/></disk>";
    }

    @Test
    void the_layers_below_a_controller_that_libvirt_has_written_out_are_files_of_the_vm() {
        assertThat(devices(disk("nvme", "qcow2", NVME + BELOW)))
                .containsExactly(
                        "host-device Pci[domain=0, bus=1, slot=0, function=0, managed=true]",
                        "backing ro /b qcow2 alone");
    }

    @Test
    void the_layers_below_a_device_of_vdpa_are_too() {
        assertThat(devices(disk("vhostvdpa", "qcow2", "<source dev='/dev/vhost-vdpa-0'/>" + BELOW)))
                .containsExactly("host-device read-write /dev/vhost-vdpa-0", "backing ro /b qcow2 alone");
    }

    @Test
    void a_data_file_beside_such_an_image_is_written() {
        String source = NVME.replace(
                "</source>", "<dataStore type='file'><format type='raw'/><source file='/d'/></dataStore></source>");
        assertThat(devices(disk("nvme", "qcow2", source + "<backingStore/>")))
                .containsExactly(
                        "host-device Pci[domain=0, bus=1, slot=0, function=0, managed=true]", "data-file rw /d raw");
    }

    @Test
    void a_header_on_such_a_device_is_not_read_and_the_plan_says_so() {
        assertThat(parse("<devices>" + disk("nvme", "qcow2", NVME) + "</devices>")
                        .external())
                .singleElement()
                .satisfies(one -> assertThat(one.reference()).contains("unread header"));
        assertThat(parse("<devices>" + disk("nvme", "raw", NVME) + "</devices>").external())
                .isEmpty();
    }

    /** A layer below may be such a device as well, with layers of its own. */
    @Test
    void the_layers_below_a_layer_that_is_a_device_are_files_of_the_vm() {
        String controller = "<backingStore type='nvme'><format type='qcow2'/>" + NVME + BELOW + "</backingStore>";
        assertThat(devices("<disk type='file'><driver type='qcow2'/><source file='/a'/>" + controller + "</disk>"))
                .containsExactly(
                        "host-device Pci[domain=0, bus=1, slot=0, function=0, managed=true]",
                        "backing ro /b qcow2 alone",
                        "disk rw /a qcow2 alone");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        file      |
        dir       | <source dir='/t'/>
        vhostuser | <source type='unix' path='/s'/>
        """)
    void an_empty_drive_a_directory_and_a_server_have_no_layers(String type, String source) {
        String disk = disk(type, "qcow2", (source == null ? "" : source));
        assertThat(deviceProblems(disk)).isEmpty();
        assertThat(parse("<devices>" + disk + "</devices>").external()).isEmpty();
    }
}
