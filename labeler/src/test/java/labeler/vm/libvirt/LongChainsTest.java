package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Chains as long as the product follows them, as libvirt writes them into a domain's XML. */
class LongChainsTest {
    /** Each layer is in the one above. The JDK by itself reads a hundred of them. */
    @Test
    void a_chain_of_two_hundred_layers_is_read() {
        StringBuilder below = new StringBuilder("<backingStore/>");
        for (int layer = 199; layer > 0; layer--) {
            below.insert(0, "<backingStore type='file'><format type='qcow2'/><source file='/layer-" + layer + "'/>");
            below.append("</backingStore>");
        }
        assertThat(DomainXmlTest.devices(
                        "<disk type='file'><driver type='qcow2'/><source file='/top'/>" + below + "</disk>"))
                .singleElement()
                .asString()
                .startsWith("disk rw /top qcow2 on (ro /layer-1 qcow2 on (ro /layer-2 ")
                .contains("(ro /layer-199 qcow2 alone)");
    }
}
