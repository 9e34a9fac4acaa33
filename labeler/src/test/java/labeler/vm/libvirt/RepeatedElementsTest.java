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
