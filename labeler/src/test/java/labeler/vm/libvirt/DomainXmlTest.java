package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import labeler.problem.Problem;
import labeler.vm.VmDefinition;
import labeler.vm.VmDefinition.Acceleration;
import labeler.vm.qemu.option.UseText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainXmlTest {
    static VmDefinition parse(String inside) {
        return DomainXml.parse(
                ("<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>" + inside + "</domain>")
                        .getBytes(StandardCharsets.UTF_8));
    }

    static List<String> uses(String inside) {
        VmDefinition definition = parse(inside);
        assertThat(definition.problems()).isEmpty();
        return UseText.of(definition);
    }

    static List<String> devices(String inside) {
        return uses("<devices>" + inside + "</devices>");
    }

    static List<Problem.Kind> problems(String inside) {
        return parse(inside).problems().stream().map(Problem::kind).toList();
    }

    static List<Problem.Kind> deviceProblems(String inside) {
        return problems("<devices>" + inside + "</devices>");
    }

    @Test
    void a_disk_without_a_driver_type_is_raw() {
        assertThat(devices("<disk type='file'><source file='/a'/><target dev='vda'/></disk>"))
                .containsExactly("disk rw /a raw");
    }

    @Test
    void an_origin_names_the_target() {
        assertThat(parse("<devices><disk type='file'><source file='/a'/><target dev='vda'/></disk></devices>")
                        .uses()
                        .getFirst()
                        .origin()
                        .text())
                .isEqualTo("devices/disk[@target=vda]");
    }

    @Test
    void a_chain_that_libvirt_has_written_out_is_taken_as_it_is() {
        assertThat(devices("""
            <disk type='file' device='disk'>
              <driver name='qemu' type='qcow2'/>
              <source file='/top' index='1'/>
              <backingStore type='block' index='2'>
                <format type='qcow2'/>
                <source dev='/dev/vg/mid'/>
                <backingStore type='file'>
                  <format type='raw'/>
                  <source file='/base'/>
                  <backingStore/>
                </backingStore>
              </backingStore>
              <target dev='vda'/>
            </disk>\
            """))
                .containsExactly("disk rw /top qcow2 on (ro /dev/vg/mid qcow2 on (ro /base raw alone))");
    }

    @Test
    void without_a_backing_store_the_header_tells() {
        assertThat(devices("<disk type='file'><driver type='qcow2'/><source file='/a'/></disk>"))
                .containsExactly("disk rw /a qcow2");
    }

    @Test
    void a_cdrom_and_a_readonly_disk_are_read_only() {
        assertThat(devices("<disk type='file' device='cdrom'><source file='/a'/></disk>"))
                .containsExactly("cdrom ro /a raw");
        assertThat(devices("<disk type='block'><source dev='/dev/a'/><readonly/></disk>"))
                .containsExactly("disk ro /dev/a raw");
    }

    @Test
    void a_cdrom_may_be_empty() {
        assertThat(devices("<disk type='file' device='cdrom'><target dev='sda'/></disk>"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<devices><channel type='unix'><source mode='bind' path='@m'/><target name='a'/></channel></devices>",
                "<devices><serial type='unix'><source mode='connect' path='@m'/></serial></devices>",
                "<qemu:commandline><qemu:arg value='-qmp'/><qemu:arg value='unix:m,server=on,abstract=on'/>"
                        + "</qemu:commandline>"
            })
    void an_abstract_socket_is_refused_with_the_way_out(String inside) {
        assertThat(parse(inside).problems()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.UNSUPPORTED);
            assertThat(problem.message()).contains("abstract", "every VM", "directory");
        });
    }

    @Test
    void a_shareable_disk_says_so() {
        assertThat(devices("<disk type='block'><source dev='/dev/a'/><shareable/></disk>"))
                .containsExactly("disk shareable rw /dev/a raw");
    }

    @Test
    void a_data_store_is_the_data_file() {
        assertThat(devices("<disk type='file'><driver type='qcow2'/><source file='/a'><dataStore type='file'>"
                        + "<format type='raw'/><source file='/d'/></dataStore></source></disk>"))
                .containsExactly("disk rw /a qcow2 data /d");
    }

    @Test
    void a_remote_image_may_have_its_data_and_its_backing_here() {
        VmDefinition definition = parse("<devices><disk type='network'><driver type='qcow2'/>"
                + "<source protocol='nbd' name='x'><host transport='unix' socket='/s'/>"
                + "<dataStore type='block'><format type='raw'/><source dev='/dev/d'/></dataStore></source>"
                + "<backingStore type='file'><format type='raw'/><source file='/b'/></backingStore>"
                + "</disk></devices>");
        assertThat(definition.problems()).isEmpty();
        assertThat(UseText.of(definition))
                .containsExactly("socket read-write /s", "data-file rw /dev/d raw", "backing ro /b raw");
    }

    @Test
    void a_network_disk_is_no_file() {
        VmDefinition definition = parse("<devices><disk type='network'><driver type='raw'/>"
                + "<source protocol='rbd' name='pool/a'><host name='h'/><config file='/ceph.conf'/></source>"
                + "</disk></devices>");
        assertThat(definition.problems()).isEmpty();
        assertThat(definition.external()).hasSize(1);
        assertThat(UseText.of(definition)).containsExactly("configuration read-only /ceph.conf");
    }

    @Test
    void what_only_the_host_can_tell_is_refused() {
        for (String disk : List.of(
                "<disk type='volume'><source pool='p' volume='v'/></disk>",
                "<disk type='file'><source file='/a' fdgroup='g'/></disk>",
                "<disk type='file'><source file='/a'><news path='/b'/></source></disk>",
                "<disk type='file'><source file='/a'/><news>/b</news></disk>",
                "<disk type='news'><source file='/a'/></disk>",
                "<disk type='file'><driver type='qcow2'/><source file='/a'><slices><slice type='storage' offset='9'"
                        + " size='9'/></slices></source></disk>",
                "<hostdev mode='capabilities' type='misc'><source><char>/dev/x</char></source></hostdev>",
                "<filesystem type='ram'><source usage='1'/><target dir='x'/></filesystem>",
                "<news file='a'/>")) {
            assertThat(deviceProblems(disk)).as(disk).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        }
    }

    @Test
    void an_address_that_is_none_is_refused() {
        for (String device : List.of(
                "<hostdev type='pci'><source><address domain='0' bus='1'/></source></hostdev>",
                "<hostdev type='pci'><source><address domain='0' bus='0x100' slot='0'/></source></hostdev>",
                "<hostdev type='pci'><source><address bus='-1' slot='0'/></source></hostdev>",
                "<hostdev type='usb'><source><vendor id='0x1234'/></source></hostdev>",
                "<hostdev type='mdev'><source><address uuid='../../../etc'/></source></hostdev>",
                "<hostdev type='scsi'><source><adapter name='other'/><address bus='0' target='0' unit='0'/></source>"
                        + "</hostdev>",
                "<hostdev type='scsi'><source><adapter name='scsi_host9999999999'/>"
                        + "<address bus='0' target='0' unit='0'/></source></hostdev>")) {
            assertThat(deviceProblems(device)).as(device).containsExactly(Problem.Kind.DEFINITION_MALFORMED);
        }
    }

    @Test
    void a_transient_disk_has_an_overlay_that_libvirt_makes() {
        assertThat(uses("<name>vm</name><devices><disk type='file'><source file='/a'/><transient/></disk></devices>"))
                .containsExactly("disk rw /a raw", "made disk /a.TRANSIENT-vm");
        assertThat(uses("<name>vm</name><devices><disk type='file'><source file='/a'/>"
                        + "<transient shareBacking='yes'/></disk></devices>"))
                .containsExactly("disk ro /a raw", "made disk /a.TRANSIENT-vm");
    }

    @Test
    void a_remote_image_without_its_layers_is_told_as_such() {
        VmDefinition definition = parse("<devices><disk type='network'><driver type='qcow2'/>"
                + "<source protocol='nbd' name='x'><host name='h'/></source></disk></devices>");
        assertThat(definition.problems()).isEmpty();
        assertThat(definition.external())
                .extracting(one -> one.role().word() + " " + one.reference())
                .containsExactly(
                        "disk nbd:x",
                        "backing unread header of an image that is no file of this host: write out its backingStore");
    }

    @Test
    void a_serial_port_and_its_console_are_one() {
        String serial = "<serial type='file'><source path='/f'/><target port='0'/></serial>";
        assertThat(devices(
                        serial + "<console type='file'><source path='/f'/><target type='serial' port='0'/></console>"))
                .containsExactly("made chardev /f");
        assertThat(devices(serial + "<console type='file'><source path='/f'/></console>"))
                .containsExactly("made chardev /f");
        assertThat(devices(serial + "<console type='file'><source path='/g'/><target type='virtio'/></console>"))
                .containsExactly("made chardev /f", "made chardev /g");
    }

    @Test
    void a_name_that_is_relative_is_libvirts_own_directorys() {
        assertThat(devices("<audio id='1' type='file' path='a.wav'/>")).containsExactly("log create /a.wav");
        assertThat(devices("<audio id='1' type='file'/>")).containsExactly("log create /qemu.wav");
        assertThat(devices("<audio id='1' type='none'/>")).isEmpty();
        assertThat(devices("<interface type='network'><rom file=''/></interface>"))
                .isEmpty();
    }

    @Test
    void a_mirror_is_written() {
        assertThat(devices("<disk type='file'><driver type='qcow2'/><source file='/a'/><mirror type='file' job='copy'>"
                        + "<format type='qcow2'/><source file='/m'/></mirror></disk>"))
                .containsExactly("disk rw /a qcow2", "disk rw /m qcow2");
    }

    @Test
    void what_the_guest_boots_from_is_read() {
        assertThat(uses("<os><type>hvm</type><kernel>/k</kernel><initrd>/i</initrd><dtb>/d</dtb><shim>/s</shim>"
                        + "<acpi><table type='slic'>/t</table></acpi></os>"
                        + "<sysinfo type='fwcfg'><entry name='opt/x' file='/f'/></sysinfo>"))
                .containsExactly(
                        "kernel read-only /k",
                        "initrd read-only /i",
                        "dtb read-only /d",
                        "shim read-only /s",
                        "acpi-table read-only /t",
                        "fw_cfg read-only /f");
    }

    @Test
    void firmware_is_an_image_and_its_variables_are_written() {
        assertThat(uses("<os><loader readonly='yes' type='pflash' format='qcow2'>/code</loader>"
                        + "<nvram template='/t' format='qcow2'>/vars</nvram></os>"))
                .containsExactly("firmware ro /code qcow2", "made nvram /vars", "nvram rw /vars qcow2");
        assertThat(uses("<os><loader readonly='yes' type='pflash'>/code</loader><nvram"
                        + " template='/t'>/vars</nvram></os>"))
                .containsExactly("firmware ro /code raw", "made nvram /vars");
        assertThat(uses("<os><loader type='rom'>/bios</loader><nvram type='file'><source file='/v'/></nvram></os>"))
                .containsExactly("firmware read-only /bios", "nvram rw /v raw");
    }

    @Test
    void firmware_that_libvirt_is_still_to_choose_is_not_known() {
        assertThat(problems("<os firmware='efi'><type>hvm</type></os>")).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        assertThat(uses("<name>vm</name><os firmware='efi'><loader type='pflash' readonly='yes'>/code</loader></os>"))
                .containsExactly("firmware ro /code raw", "made nvram /var/lib/libvirt/qemu/nvram/vm_VARS.fd");
    }

    @Test
    void variables_have_a_name_of_libvirts_own_if_there_is_no_other() {
        String loader = "<name>vm</name><os><loader type='pflash' readonly='yes'";
        assertThat(uses(loader + ">/code</loader></os>"))
                .containsExactly("firmware ro /code raw", "made nvram /var/lib/libvirt/qemu/nvram/vm_VARS.fd");
        assertThat(uses(loader + " format='qcow2'>/code</loader><nvram template='/t'/></os>"))
                .startsWith("firmware ro /code qcow2", "made nvram /var/lib/libvirt/qemu/nvram/vm_VARS.qcow2");
        assertThat(uses(loader + " stateless='yes'>/code</loader></os>")).containsExactly("firmware ro /code raw");
        assertThat(uses("<os><loader type='pflash' readonly='no'>/code</loader></os>"))
                .containsExactly("firmware rw /code raw");
    }

    @Test
    void character_devices_name_files_by_their_type() {
        assertThat(devices("<serial type='file'><source path='/f'/><log file='/l'/></serial>"))
                .containsExactly("made chardev /f", "made log /l");
        assertThat(devices("<serial type='dev'><source path='/dev/ttyS0'/></serial>"))
                .containsExactly("chardev read-write /dev/ttyS0");
        assertThat(devices("<parallel type='pipe'><source path='/p'/></parallel>"))
                .containsExactly("first chardev read-write /p.in of 2", "first chardev read-write /p.out of 2");
        assertThat(devices("<channel type='unix'><source mode='bind' path='/s'/></channel>"))
                .containsExactly("made socket /s");
        assertThat(devices("<channel type='unix'><source mode='connect' path='/s'/></channel>"))
                .containsExactly("socket read-write /s");
        assertThat(devices("<console type='pty'><source path='/dev/pts/1'/></console><channel type='spicevmc'/>"))
                .isEmpty();
    }

    @Test
    void devices_of_the_host_are_named() {
        assertThat(devices("<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"))
                .containsExactly("shared-device read-only /dev/urandom");
        assertThat(devices("<tpm><backend type='passthrough'><device path='/dev/tpm1'/></backend></tpm>"))
                .containsExactly(
                        "host-device read-write /dev/tpm1",
                        "perhaps host-device read-write /sys/class/tpm/tpm1/device/cancel",
                        "perhaps host-device read-write /sys/class/misc/tpm1/device/cancel");
        assertThat(devices("<input type='evdev'><source dev='/dev/input/event3'/></input>"))
                .containsExactly("host-device read-write /dev/input/event3");
        assertThat(devices("<hostdev mode='subsystem' type='usb'><source><address bus='1' device='0x0b'/></source>"
                        + "</hostdev>"))
                .containsExactly("host-device read-write /dev/bus/usb/001/011");
        assertThat(devices("<memory model='nvdimm'><source><path>/n</path></source></memory>"))
                .containsExactly("memory read-write /n");
        assertThat(devices("<interface type='network'><rom file='/r'/></interface>"))
                .containsExactly("rom read-only /r");
    }

    @Test
    void a_vhost_user_interface_connects_or_listens() {
        assertThat(devices("<interface type='vhostuser'><source type='unix' path='/s' mode='client'/></interface>"))
                .containsExactly("socket read-write /s");
        assertThat(devices("<interface type='vhostuser'><source type='unix' path='/s' mode='server'/></interface>"))
                .containsExactly("made socket /s");
    }

    @Test
    void a_name_is_not_trimmed() {
        assertThat(uses("<os><kernel> /k</kernel></os>")).containsExactly("kernel read-only / /k");
        assertThat(uses("<os><kernel>/k </kernel><loader>\n</loader></os>")).containsExactly("kernel read-only /k ");
    }

    @Test
    void an_attribute_of_another_namespace_is_another_attribute() {
        assertThat(devices("<disk xmlns:x='y' type='file'><source x:file='/b' file='/a'/></disk>"))
                .containsExactly("disk rw /a raw");
    }

    @Test
    void what_names_no_file_passes() {
        assertThat(uses("<name>x</name><uuid>u</uuid><metadata><x:y xmlns:x='z' file='/a'/></metadata>"
                        + "<memory>1</memory><vcpu>1</vcpu><devices><emulator>/usr/bin/qemu</emulator>"
                        + "<controller type='usb'/><memballoon model='virtio'/><video><model type='vga'/></video>"
                        + "<graphics type='vnc' port='-1'/></devices>"))
                .isEmpty();
    }

    @Test
    void arguments_for_qemu_are_read_as_qemu_does() {
        assertThat(uses("<qemu:commandline><qemu:arg value='-drive'/><qemu:arg value='file=/x,format=raw'/>"
                        + "</qemu:commandline>"))
                .containsExactly("disk rw /x raw alone");
        for (String variable : List.of("name='LD_PRELOAD' value='x.so'", "name='TMPDIR' value='/x'")) {
            assertThat(problems("<qemu:commandline><qemu:env " + variable + "/></qemu:commandline>"))
                    .containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        }
        assertThat(problems("<qemu:override><qemu:device alias='x'><qemu:frontend>"
                        + "<qemu:property name='romfile' type='string' value='x'/></qemu:frontend></qemu:device>"
                        + "</qemu:override>"))
                .containsExactly(Problem.Kind.NOT_UNDERSTOOD);
    }

    @Test
    void the_type_tells_how_the_guest_runs() {
        assertThat(parse("").acceleration()).isEqualTo(Acceleration.HARDWARE);
        assertThat(DomainXml.parse("<domain type='qemu'/>".getBytes(StandardCharsets.UTF_8))
                        .acceleration())
                .isEqualTo(Acceleration.EMULATION);
        assertThat(DomainXml.parse("<domain type='xen'/>".getBytes(StandardCharsets.UTF_8))
                        .problems())
                .hasSize(1);
    }

    @Test
    void the_place_of_what_is_no_xml_is_told_in_words_of_our_own() {
        assertThat(DomainXml.parse("<domain>\n <name>x</nam></domain>".getBytes(StandardCharsets.UTF_8))
                        .problems())
                .extracting(Problem::message)
                .containsExactly("domain XML: not well-formed in line 2, column 11; virsh dumpxml writes one that is");
    }

    @Test
    void a_name_that_would_lead_elsewhere_is_refused() {
        assertThat(problems("<name>../x</name><os><loader type='pflash' readonly='yes'>/c</loader></os>"))
                .containsExactly(Problem.Kind.DEFINITION_MALFORMED);
    }

    @Test
    void a_document_type_is_refused() {
        for (String xml : List.of(
                "<!DOCTYPE domain [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain"
                        + " type='kvm'><name>&x;</name></domain>",
                "<!DOCTYPE domain SYSTEM 'http://localhost/x.dtd'><domain type='kvm'/>",
                "<domain type='kvm'><name>&x;</name></domain>",
                "<domain type='kvm'>",
                "",
                "<network/>",
                "<a>".repeat(10_000))) {
            assertThat(DomainXml.parse(xml.getBytes(StandardCharsets.UTF_8)).problems())
                    .as(xml)
                    .extracting(Problem::kind)
                    .containsExactly(Problem.Kind.DEFINITION_MALFORMED);
        }
    }
}
