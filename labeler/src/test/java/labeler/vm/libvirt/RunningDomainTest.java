package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import labeler.chain.FileName;
import labeler.chain.ImageRequest;
import labeler.linux.HostPath;
import labeler.vm.DeclaredUse;
import labeler.vm.VmDefinition;
import org.junit.jupiter.api.Test;

/** The file in which libvirt keeps the state of a running domain. */
class RunningDomainTest {
    private static VmDefinition read(String label) {
        return DomainXml.parseLive(state(label), Optional.empty(), LibvirtHost.UNKNOWN);
    }

    private static byte[] state(String label) {
        return """
                <domstatus state='running' reason='booted' pid='660'>
                  <monitor path='/var/lib/libvirt/qemu/domain-1-web1/monitor.sock' type='unix'/>
                  <libDir path='/var/lib/libvirt/qemu/domain-1-web1'/>
                  <backups>
                    <domainbackup mode='pull'>
                      <server transport='unix' socket='/run/nbd'/>
                      <disks>
                        <disk name='vda' backup='yes' state='running' type='file' backupmode='full' index='2'>
                          <driver type='qcow2'/>
                          <scratch file='/vm/scratch'><privateData><nodenames/></privateData></scratch>
                        </disk>
                      </disks>
                    </domainbackup>
                  </backups>
                  <domain type='qemu' id='1'>
                    <name>web1</name>
                    <os><type arch='x86_64' machine='q35'>hvm</type></os>
                    <devices>
                      <disk type='file' device='disk'>
                        <driver name='qemu' type='qcow2'/>
                        <source file='/vm/top' index='1'><privateData><x path='/no/file'/></privateData></source>
                        <backingStore type='file'><format type='raw'/><source file='/vm/base'/><backingStore/></backingStore>
                        <mirror type='file' file='/vm/copy' format='qcow2' job='copy'>
                          <format type='qcow2'/><source file='/vm/copy' index='3'/>
                        </mirror>
                        <target dev='vda' bus='virtio'/>
                        <privateData><qom name='/machine/peripheral/virtio-disk0' path='/no/file'/></privateData>
                      </disk>
                    </devices>
                    %s
                  </domain>
                </domstatus>
                """.formatted(label).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void its_files_are_those_of_the_domain_its_mirrors_and_its_backups() {
        VmDefinition running = read("");

        assertThat(running.problems()).isEmpty();
        assertThat(running.uses())
                .flatExtracting(DeclaredUse::names)
                .containsExactly(HostPath.of("/vm/top"), HostPath.of("/vm/copy"), HostPath.of("/vm/scratch"));
    }

    /** libvirt does not write down what it has put below these files: the disk itself, or its own layers. */
    @Test
    void as_libvirts_own_account_it_has_what_is_below_a_copy_and_below_what_the_guest_overwrites() {
        List<ImageRequest> images = DomainXml.parse(state("")).uses().stream()
                .map(DeclaredUse.ImageUse.class::cast)
                .map(DeclaredUse.ImageUse::image)
                .toList();

        ImageRequest top = images.getFirst();
        assertThat(images.get(1).name()).isEqualTo(FileName.of("/vm/copy"));
        assertThat(images.get(1).backing()).isEqualTo(top.backing());
        assertThat(images.get(2).name()).isEqualTo(FileName.of("/vm/scratch"));
        assertThat(images.get(2).backing()).isEqualTo(new ImageRequest.DeclaredBacking(top.readOnly()));
    }

    @Test
    void libvirt_labels_the_files_of_a_dynamic_label_and_those_of_a_static_one_that_says_so() {
        String text =
                "<seclabel type='%s' model='selinux'%s><label>system_u:system_r:svirt_t:s0:c1,c2</label></seclabel>";

        assertThat(read(text.formatted("dynamic", " relabel='yes'")).wishes().labelledByLibvirt())
                .isTrue();
        assertThat(read(text.formatted("static", " relabel='yes'")).wishes().labelledByLibvirt())
                .isTrue();
        assertThat(read(text.formatted("static", "")).wishes().labelledByLibvirt())
                .isFalse();
        assertThat(read("").wishes().labelledByLibvirt()).isFalse();
    }

    @Test
    void a_state_without_a_domain_is_a_problem() {
        assertThat(DomainXml.parse("<domstatus/>".getBytes(StandardCharsets.UTF_8))
                        .problems())
                .isNotEmpty();
    }
}
