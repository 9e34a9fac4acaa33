package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import labeler.vm.DeclaredUse;
import labeler.vm.HostDevice;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.option.UseText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a domain's files depend on beside its XML: pools, libvirt's settings, mounts. */
class HostSettingsTest {
    private static VmDefinition parse(LibvirtHost host, String attributes, String inside) {
        return DomainXml.parse(
                ("<domain type='kvm' " + attributes + "><name>a-very-long-name-of-a-vm</name>" + inside + "</domain>")
                        .getBytes(StandardCharsets.UTF_8),
                host);
    }

    private static List<String> uses(LibvirtHost host, String attributes, String inside) {
        VmDefinition definition = parse(host, attributes, inside);
        assertThat(definition.problems()).isEmpty();
        return UseText.of(definition);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        <pool type='dir'><target><path>/p</path></target></pool>                           | v          | /p/v
        <poolstatus><pool type='fs'><target><path>/p</path></target></pool></poolstatus>   | v          | /p/v
        <pool type='logical'><source><name>vg</name></source></pool>                       | v          | /dev/vg/v
        <pool type='disk'><target><path>/dev</path></target></pool>                        | sdb1       | /dev/sdb1
        <pool type='zfs'><source><name>tank</name></source></pool>                         | v          | /dev/zvol/tank/v
        <pool type='iscsi'><source><host name='h'/><device path='iqn.x'/></source><target><path>/dev/disk/by-path</path></target></pool> | unit:0:0:4 | /dev/disk/by-path/ip-h:3260-iscsi-iqn.x-lun-4
        """)
    void a_volume_is_where_its_pool_says(String pool, String volume, String path) {
        assertThat(uses(
                        TestedHost.withPool("p", pool),
                        "",
                        "<devices><disk type='volume'><driver type='qcow2'/><source pool='p' volume='" + volume
                                + "'/></disk></devices>"))
                .containsExactly("disk rw " + path + " qcow2");
    }

    @Test
    void a_pool_on_a_server_is_no_file() {
        VmDefinition definition = parse(
                TestedHost.withPool("p", "<pool type='rbd'><source><name>x</name></source></pool>"),
                "",
                "<devices><disk type='volume'><driver type='raw'/><source pool='p' volume='v'/></disk></devices>");
        assertThat(definition.problems()).isEmpty();
        assertThat(definition.external())
                .singleElement()
                .satisfies(one -> assertThat(one.reference()).isEqualTo("rbd:p/v"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        <pool type='dir'><target><path>/p</path></target></pool>      | ../v
        <pool type='dir'><target><path>/p</path></target></pool>      | ..
        <pool type='dir'><target><path>relative</path></target></pool> | v
        <pool type='dir'/>                                            | v
        <pool type='scsi'><target><path>/dev</path></target></pool>   | v
        <pool type='iscsi'/>                                          | unit:0:0:4
        <pool                                                         | v
        """)
    void a_volume_that_only_libvirt_can_find_is_refused_with_the_way_out(String pool, String volume) {
        assertThat(parse(
                                TestedHost.withPool("p", pool),
                                "",
                                "<devices><disk type='volume'><source pool='p' volume='" + volume
                                        + "'/></disk></devices>")
                        .problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("type='file'"));
    }

    @Test
    void memory_in_files_is_where_libvirt_makes_its_directory() {
        String memory = "<memoryBacking><source type='file'/></memoryBacking>";
        assertThat(uses(LibvirtHost.UNKNOWN, "", memory)).containsExactly("made memory /var/lib/libvirt/qemu/ram");
        assertThat(uses(LibvirtHost.UNKNOWN, "id='7'", memory))
                .containsExactly("made memory /var/lib/libvirt/qemu/ram/7-a-very-long-name-of-");
        assertThat(uses(TestedHost.withSettings("memory_backing_dir = \"/big\"  # ours"), "", memory))
                .containsExactly("made memory /big/libvirt/qemu");
    }

    @Test
    void huge_pages_are_on_each_mount_unless_libvirt_is_told_one() {
        String memory = "<memoryBacking><hugepages/></memoryBacking>";
        assertThat(uses(LibvirtHost.UNKNOWN, "", memory)).containsExactly("made memory /dev/hugepages/libvirt/qemu");
        assertThat(uses(TestedHost.withSettings("", "/h2", "/h1"), "id='1'", memory))
                .containsExactly(
                        "made memory /h2/libvirt/qemu/1-a-very-long-name-of-",
                        "made memory /h1/libvirt/qemu/1-a-very-long-name-of-");
        assertThat(uses(TestedHost.withSettings("hugetlbfs_mount = '/mine'", "/h2"), "", memory))
                .containsExactly("made memory /mine/libvirt/qemu");
        assertThat(uses(LibvirtHost.UNKNOWN, "", "<memoryBacking><hugepages/><source type='memfd'/></memoryBacking>"))
                .isEmpty();
    }

    /** libvirt chooses for each cell: those without huge pages of their own are in files. */
    @Test
    void huge_pages_of_one_cell_do_not_hide_the_file_of_another() {
        String cells =
                "<cpu><numa><cell id='0' memory='1024'/><cell id='1' memory='1024' memAccess='shared'/></numa></cpu>";
        String one = "<memoryBacking><hugepages><page size='2048' nodeset='0'/></hugepages></memoryBacking>";
        assertThat(uses(LibvirtHost.UNKNOWN, "", one + cells))
                .containsExactly("made memory /dev/hugepages/libvirt/qemu", "made memory /var/lib/libvirt/qemu/ram");
        String plain = "<memoryBacking><hugepages><page size='4' unit='KiB'/></hugepages></memoryBacking>";
        assertThat(uses(LibvirtHost.UNKNOWN, "", plain + cells)).contains("made memory /var/lib/libvirt/qemu/ram");
        for (String all : List.of("<hugepages/>", "<hugepages><page size='2048'/></hugepages>")) {
            assertThat(uses(LibvirtHost.UNKNOWN, "", "<memoryBacking>" + all + "</memoryBacking>" + cells))
                    .containsExactly("made memory /dev/hugepages/libvirt/qemu");
        }
    }

    /** Huge pages of a module are its own. */
    @Test
    void huge_pages_of_a_module_do_not_hide_the_file_of_the_memory_beside_it() {
        String shared = "<memoryBacking><access mode='shared'/></memoryBacking>";
        String module = "<devices><memory model='dimm'><source><pagesize unit='KiB'>2048</pagesize></source></memory>"
                + "</devices>";
        assertThat(uses(LibvirtHost.UNKNOWN, "", shared + module))
                .contains("made memory /dev/hugepages/libvirt/qemu", "made memory /var/lib/libvirt/qemu/ram");
    }

    @Test
    void a_persistent_store_has_a_name_of_libvirts_own_if_there_is_no_other() {
        String store = "<devices><pstore backend='acpi-erst'>%s<size unit='KiB'>8</size></pstore></devices>";
        assertThat(uses(LibvirtHost.UNKNOWN, "", store.formatted("")))
                .containsExactly("nvram create /var/lib/libvirt/qemu/nvram/a-very-long-name-of-a-vm_PSTORE.raw");
        assertThat(uses(LibvirtHost.UNKNOWN, "", store.formatted("<path>/f</path>")))
                .containsExactly("nvram create /f");
    }

    /** Otherwise virtlogd does, at a context that may not write what has a VM's label. */
    @Test
    void qemu_writes_serial_ports_files_if_libvirts_settings_say_so() {
        String serial = "<devices><serial type='file'><source path='/f'/><log file='/l'/></serial></devices>";
        assertThat(uses(TestedHost.withSettings("stdio_handler = \"file\"\n"), "", serial))
                .containsExactly("chardev create /f", "log create /l");
        assertThat(uses(TestedHost.withSettings("stdio_handler = \"logd\"\n"), "", serial))
                .containsExactly("made chardev /f", "made log /l");
    }

    @Test
    void certificates_are_read_if_libvirts_settings_say_so() {
        String vnc = "<devices><graphics type='vnc'/></devices>";
        assertThat(uses(TestedHost.withSettings("vnc_tls = 0\n#vnc_tls = 1\n"), "", vnc))
                .isEmpty();
        assertThat(uses(TestedHost.withSettings("vnc_tls = 1\nvnc_tls_x509_cert_dir = \"/c\"\n"), "", vnc))
                .containsExactly(
                        "first configuration read-only /c/ca-cert.pem of 1",
                        "first configuration read-only /c/server-cert.pem of 1",
                        "first configuration read-only /c/server-key.pem of 1",
                        "perhaps configuration read-only /c/ca-crl.pem",
                        "perhaps configuration read-only /c/dh-params.pem");
        String serial = "<devices><serial type='tcp'><source mode='connect' host='h' service='1' tls='%s'/></serial>"
                + "</devices>";
        assertThat(uses(LibvirtHost.UNKNOWN, "", serial.formatted("yes")))
                .contains("first configuration read-only /etc/pki/libvirt-chardev/ca-cert.pem of 2");
        assertThat(uses(TestedHost.withSettings("chardev_tls = 1"), "", serial.formatted("no")))
                .isEmpty();
    }

    @Test
    void the_address_of_a_bus_is_read_as_by_its_specification() {
        String bus = "<devices><graphics type='dbus' address='%s'/></devices>";
        assertThat(uses(LibvirtHost.UNKNOWN, "", bus.formatted("unix:path=/a%2cb;unix:guid=00,path=/c;tcp:host=h")))
                .containsExactly("socket read-write /a,b", "socket read-write /c");
        for (String address : List.of("unix:abstract=/tmp/x", "unixexec:path=/bin/sh", "unix:tmpdir=/x")) {
            assertThat(parse(LibvirtHost.UNKNOWN, "", bus.formatted(address)).problems())
                    .as(address)
                    .hasSize(1);
        }
    }

    /** A key with the label of content could be read by every VM. */
    @Test
    void keys_and_certificates_of_the_host_keep_their_labels_wherever_they_are() {
        for (String directory : List.of("/etc/ssl/vnc", "/etc/pki/qemu")) {
            VmDefinition definition = parse(
                    TestedHost.withSettings("vnc_tls = 1\nvnc_tls_x509_cert_dir = \"" + directory + "\"\n"),
                    "",
                    "<devices><graphics type='vnc'/></devices>");
            assertThat(definition.uses())
                    .hasSize(5)
                    .allSatisfy(use -> assertThat(definition
                                    .wishes()
                                    .reasonToKeep(use.origin(), use.names().getFirst()))
                            .hasValueSatisfying(reason -> assertThat(reason).contains("the host's own")));
        }
    }

    @Test
    void settings_are_read_as_libvirt_writes_them() {
        LibvirtSettings settings = LibvirtSettings.of(Optional.of("""
            # a = "1"
            text = "x"
              number = 1   # one
            list = [ "a", "b" ]
            text = 'y'
            empty = ""
            broken
            """.getBytes(StandardCharsets.UTF_8)));
        assertThat(settings.text("text")).contains("y");
        assertThat(settings.isOn("number")).isTrue();
        assertThat(settings.text("empty")).isEmpty();
        assertThat(settings.values()).doesNotContainKeys("a", "list", "broken");
        assertThat(LibvirtSettings.of(Optional.of(new byte[2 << 20])).values()).isEmpty();
    }

    @Test
    void an_automatic_render_node_is_the_first_that_the_host_has() {
        for (String graphics : List.of(
                "<graphics type='egl-headless'/>",
                "<graphics type='spice'><gl enable='yes'/></graphics>",
                "<graphics type='dbus' p2p='yes'><gl enable='yes'/></graphics>")) {
            assertThat(uses(LibvirtHost.UNKNOWN, "", "<devices>" + graphics + "</devices>"))
                    .as(graphics)
                    .containsExactly("first shared-device read-write /dev/dri/renderD128 of 64");
        }
        assertThat(uses(LibvirtHost.UNKNOWN, "", "<devices><graphics type='spice'/></devices>"))
                .isEmpty();
    }

    @Test
    void a_network_that_gives_devices_of_the_host_is_refused_with_the_way_out() {
        String inside = "<devices><interface type='network'><source network='n'/></interface></devices>";
        for (String xml : List.of(
                "<network><name>n</name><forward mode='hostdev' managed='yes'><pf dev='eth3'/></forward></network>",
                "<networkstatus><network><name>n</name><forward mode='hostdev'/></network></networkstatus>")) {
            assertThat(parse(TestedHost.withNetwork("n", xml), "", inside).problems())
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.message()).contains("<interface type='hostdev'>"));
        }
        assertThat(uses(TestedHost.withNetwork("n", "<network><forward mode='nat'/></network>"), "", inside))
                .isEmpty();
    }

    @Test
    void a_network_that_the_host_does_not_have_may_give_devices_and_is_refused_as_a_pool_is() {
        String inside = "<devices><interface type='network'><source network='n'/></interface></devices>";
        for (TestedHost host :
                List.of(TestedHost.withNetwork("other", "<network/>"), TestedHost.withNetwork("n", "<network"))) {
            assertThat(parse(host, "", inside).problems())
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.message())
                            .contains("this host has no network n, or labeler cannot read it", "define the network"));
        }
    }

    @Test
    void of_a_domain_that_runs_its_state_says_what_its_network_gave() {
        String state = """
            <domstatus><domain type='kvm'><name>d</name><devices>
            <interface type='network'><source network='gone'/><actual type='bridge'><source bridge='b'/></actual></interface>
            <interface type='network'><source network='vfs'/>
            <actual type='hostdev' managed='yes'><source><address type='pci' domain='0x0001' bus='0x02' slot='0x03'
            function='0x4'/></source></actual></interface>
            </devices></domain></domstatus>\
            """;
        VmDefinition definition =
                DomainXml.parseLive(state.getBytes(StandardCharsets.UTF_8), Optional.empty(), LibvirtHost.UNKNOWN);

        assertThat(definition.problems()).isEmpty();
        assertThat(definition.uses())
                .singleElement()
                .isInstanceOfSatisfying(
                        DeclaredUse.DeviceUse.class,
                        use -> assertThat(use.device()).isEqualTo(new HostDevice.Pci(1, 2, 3, 4, true)));
    }
}
