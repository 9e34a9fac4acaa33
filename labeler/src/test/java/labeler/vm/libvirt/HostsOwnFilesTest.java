package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import labeler.vm.DeclaredUse;
import labeler.vm.VmDefinition;
import org.junit.jupiter.api.Test;

/** Files that belong to the host or to its user keep their labels: content could be read by every VM. */
class HostsOwnFilesTest {
    private static final String CARD = "<smartcard mode='host-certificates'><certificate>a</certificate>"
            + "<certificate>b</certificate><certificate>c</certificate><database>/d</database></smartcard>";

    private static final String LABELLED_BY_US = "<seclabel type='static' model='selinux' relabel='no'>"
            + "<label>system_u:system_r:svirt_t:s0:c1,c2</label></seclabel>";

    private static final String LABELLED_BY_LIBVIRT = "<seclabel type='dynamic' model='selinux' relabel='yes'>"
            + "<label>system_u:system_r:svirt_t:s0:c1,c2</label></seclabel>";

    private static VmDefinition definition(LibvirtHost host, String devices, String label) {
        VmDefinition definition = DomainXml.parse(
                ("<domain type='kvm'><devices>" + devices + "</devices>" + label + "</domain>")
                        .getBytes(StandardCharsets.UTF_8),
                host);
        assertThat(definition.problems()).isEmpty();
        return definition;
    }

    private static DeclaredUse use(VmDefinition definition, String path) {
        return definition.uses().stream()
                .filter(use -> use.names().getFirst().toString().equals(path))
                .findFirst()
                .orElseThrow();
    }

    private static Optional<String> kept(VmDefinition definition, String path) {
        DeclaredUse use = use(definition, path);
        return definition.wishes().reasonToKeep(use.origin(), use.names().getFirst());
    }

    private static Optional<String> kept(String devices, String path) {
        return kept(definition(LibvirtHost.UNKNOWN, devices, ""), path);
    }

    @Test
    void the_cookie_of_the_hosts_screen_keeps_its_label() {
        String window = "<graphics type='sdl' display=':0.0' xauth='/home/u/.Xauthority'/>";
        assertThat(kept(window, "/home/u/.Xauthority").orElseThrow()).contains("screen");
        assertThat(kept(window, "/tmp/.X11-unix/X0")).isEmpty();
    }

    @Test
    void the_hosts_settings_of_passwords_keep_their_label() {
        VmDefinition definition =
                definition(TestedHost.withSettings("vnc_sasl = 1\n"), "<graphics type='vnc' port='-1'/>", "");
        assertThat(kept(definition, "/etc/sasl2/qemu.conf").orElseThrow()).contains("host");
    }

    /** Where labeler labels, libvirt does not, and nobody else would let qemu in. */
    @Test
    void a_data_base_of_one_card_is_labelled_where_labeler_labels_the_domain() {
        VmDefinition ours = definition(LibvirtHost.UNKNOWN, CARD, LABELLED_BY_US);
        for (String name : List.of("pkcs11.txt", "cert9.db", "cert8.db", "secmod.db")) {
            assertThat(kept(ours, "/d/" + name)).as(name).isEmpty();
            assertThat(use(ours, "/d/" + name).role().isSecret()).as(name).isFalse();
        }
        for (String name : List.of("key4.db", "key3.db")) {
            assertThat(kept(ours, "/d/" + name)).as(name).isEmpty();
            assertThat(use(ours, "/d/" + name).role().isSecret()).as(name).isTrue();
        }
    }

    @Test
    void a_data_base_of_one_card_is_left_where_libvirt_labels_its_directory() {
        for (String label : List.of("", LABELLED_BY_LIBVIRT)) {
            assertThat(kept(definition(LibvirtHost.UNKNOWN, CARD, label), "/d/key4.db")
                            .orElseThrow())
                    .contains("libvirt labels the directory")
                    .doesNotContain("for all its VMs");
        }
    }

    @Test
    void the_data_base_of_all_cards_is_the_hosts() {
        VmDefinition definition = definition(LibvirtHost.UNKNOWN, "<smartcard mode='host'/>", LABELLED_BY_US);
        assertThat(kept(definition, "/etc/pki/nssdb/key4.db").orElseThrow()).contains("for all its VMs");
    }

    private static List<String> ofLibvirt(LibvirtHost host, String label) {
        String domain = "<domain type='kvm' id='7'><name>a name that is longer than twenty</name>"
                + "<launchSecurity type='sev'><dhCert>x</dhCert><session>y</session></launchSecurity>" + label
                + "</domain>";
        return DomainXml.parseLive(domain.getBytes(StandardCharsets.UTF_8), Optional.empty(), host).uses().stream()
                .filter(use -> use.role().isSecret())
                .map(use -> (use instanceof DeclaredUse.OptionalUse ? "labelled " : "left ")
                        + use.names().getFirst())
                .sorted()
                .toList();
    }

    /** What libvirt writes for one domain's qemu: its label is the only wall between two qemus of one user. */
    @Test
    void libvirts_own_files_of_a_domain_are_its_secrets_where_labeler_labels_it() {
        String directory = "/var/lib/libvirt/qemu/domain-7-a name that is longe/";
        List<String> ours = List.of(
                "labelled " + directory + "dh_cert.base64",
                "labelled " + directory + "master-key.aes",
                "labelled " + directory + "session.base64");
        assertThat(ofLibvirt(LibvirtHost.UNKNOWN, LABELLED_BY_US)).isEqualTo(ours);
        for (String none : List.of("\"none\"", "[ \"none\" ] # nothing")) {
            assertThat(ofLibvirt(TestedHost.withSettings("security_driver = " + none + "\n"), ""))
                    .as(none)
                    .isEqualTo(ours);
        }
        assertThat(ofLibvirt(LibvirtHost.UNKNOWN, LABELLED_BY_LIBVIRT))
                .containsExactly("left " + directory + "dh_cert.base64", "left " + directory + "session.base64");
    }

    /** An administrator's own XML, with a number from an earlier start: the directory may be another domain's. */
    @Test
    void they_are_in_no_plan_of_a_domain_that_does_not_start() {
        String domain = "<domain type='kvm' id='7'><name>web</name>" + LABELLED_BY_US + "</domain>";
        assertThat(DomainXml.parse(domain.getBytes(StandardCharsets.UTF_8)).uses())
                .isEmpty();
    }

    @Test
    void the_hosts_settings_of_ceph_and_ssh_are_in_the_plan() {
        String remote = "<disk type='network'><source protocol='%s' name='p/i'>%s</source></disk>";
        assertThat(kept(remote.formatted("rbd", ""), "/etc/ceph/ceph.conf").orElseThrow())
                .contains("Ceph");
        for (String name : List.of("/etc/ssh/ssh_config", "/etc/ssh/ssh_known_hosts")) {
            assertThat(kept(remote.formatted("ssh", ""), name).orElseThrow()).contains("ssh");
        }
        assertThat(DomainXmlTest.devices(remote.formatted("rbd", "")))
                .containsExactly("perhaps configuration read-only /etc/ceph/ceph.conf");
        assertThat(DomainXmlTest.devices(remote.formatted("rbd", "<config file='/f'/>")))
                .containsExactly("configuration read-only /f");
    }

    /** Also of a pool, and of a layer below a file. */
    @Test
    void the_hosts_settings_of_ceph_are_in_the_plan_of_a_volume_and_of_a_layer() {
        VmDefinition volume = definition(
                TestedHost.withPool("p", "<pool type='rbd'><source><name>x</name></source></pool>"),
                "<disk type='volume'><driver type='raw'/><source pool='p' volume='v'/></disk>",
                "");
        assertThat(kept(volume, "/etc/ceph/ceph.conf")).isPresent();
        assertThat(kept(
                        "<disk type='file'><driver type='qcow2'/><source file='/f'/><backingStore type='network'>"
                                + "<format type='raw'/><source protocol='rbd' name='p/i'/></backingStore></disk>",
                        "/etc/ceph/ceph.conf"))
                .isPresent();
    }
}
