package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import labeler.problem.Problem;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.option.UseText;
import org.junit.jupiter.api.Test;

/** libvirt reads all elements of one name, where some would write one. */
class RepeatedElementsTest {
    private static VmDefinition parse(String inside) {
        return DomainXml.parse(("<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
                        + "<name>vm</name>" + inside + "</domain>")
                .getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> uses(String inside) {
        VmDefinition definition = parse(inside);
        assertThat(definition.problems()).isEmpty();
        return UseText.of(definition);
    }

    private static void assertRefused(String inside) {
        assertThat(parse(inside).problems())
                .as(inside)
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.NOT_UNDERSTOOD);
    }

    @Test
    void two_lists_of_devices_or_of_the_sources_of_boot_are_refused() {
        String disk = "<disk type='file'><source file='/a'/><target dev='vda'/></disk>";
        assertRefused("<devices>" + disk + "</devices><devices/>");
        assertRefused("<devices/><devices>" + disk + "</devices>");
        assertRefused("<os><kernel>/k</kernel></os><os/>");
        assertRefused("<os/><os><kernel>/k</kernel></os>");
        assertRefused("<qemu:commandline/><qemu:commandline><qemu:arg value='-x'/></qemu:commandline>");
        assertRefused("<qemu:override/><qemu:override/>");
        assertRefused("<launchSecurity type='sev'/><launchSecurity type='sev'/>");
    }

    @Test
    void a_card_that_shares_buffers_has_their_node() {
        assertThat(uses("<devices><video><model type='virtio' blob='on'/></video></devices>"))
                .containsExactly("shared-device read-write /dev/udmabuf");
        assertThat(uses("<devices><video><model type='virtio' blob='off'/></video></devices>"))
                .isEmpty();
        assertThat(uses("<devices><video><model type='virtio' blob='on'><acceleration accel3d='yes'/></model></video>"
                        + "</devices>"))
                .containsExactly("perhaps shared-device read-write /dev/udmabuf");
    }
}
