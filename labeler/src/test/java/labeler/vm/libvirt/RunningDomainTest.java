package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import labeler.linux.HostPath;
import labeler.vm.DeclaredUse;
import labeler.vm.VmDefinition;
import org.junit.jupiter.api.Test;

/** The file in which libvirt keeps the state of a running domain. */
class RunningDomainTest {
    private static VmDefinition read(String label) {
        String state = """
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
                """.formatted(label);
        return DomainXml.parseLive(state.getBytes(StandardCharsets.UTF_8), Optional.empty(), LibvirtHost.UNKNOWN);
    }

    @Test
    void its_files_are_those_of_the_domain_its_mirrors_and_its_backups() {
        VmDefinition running = read("");

        assertThat(running.problems()).isEmpty();
        assertThat(running.uses())
                .flatExtracting(DeclaredUse::names)
                .containsExactly(HostPath.of("/vm/top"), HostPath.of("/vm/copy"), HostPath.of("/vm/scratch"));
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
