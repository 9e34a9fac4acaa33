package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** The XML of a domain that comes from another host, at the level that it has there. */
class ArrivingLabelTest {
    private static final SecurityContext PROCESS =
            SecurityContext.parse("system_u:system_r:svirt_t:s0:c12,c345").orElseThrow();

    private static final String DYNAMIC = "<seclabel type='dynamic' model='selinux' relabel='yes'/>";

    /** As libvirt writes it for its hook, with what people and other programs put into it. */
    private static final String WHOLE = """
            <domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
              <name>web1</name>
              <uuid>7b2e5c1e-6f5f-4a57-9a53-0c6d7f8e9a10</uuid>
              <title>it's &lt;web&gt; &amp; "more" – ä 𝄞</title>
              <description><![CDATA[</domain> <seclabel type='dynamic' model='selinux' relabel='yes'/>]]></description>
              <metadata>
                <x:note xmlns:x="urn:x" x:a="1" b="2&#10;3&#9;4&#13;5"><seclabel type='dynamic' model='selinux'/></x:note>
                <!-- <seclabel type='dynamic' model='selinux' relabel='yes'/> -->
                <?some instruction?>
              </metadata>
              <devices>
                <disk type='file' device='disk'>
                  <source file='/pool/ä &amp; "b".qcow2' index='1'><seclabel model='selinux' relabel='no'/></source>
                  <target dev='vda' bus='virtio'/>
                </disk>
              </devices>
              <seclabel type='dynamic' model='dac' relabel='yes'/>
              %s
              <qemu:commandline><qemu:arg value='-snapshot'/></qemu:commandline>
            </domain>
            """;

    private static StaticLabel.Arriving arriving(String xml, boolean isAdding) {
        return StaticLabel.arriving(xml.getBytes(StandardCharsets.UTF_8), PROCESS, isAdding);
    }

    private static String relabelled(String xml, boolean isAdding) {
        StaticLabel.Arriving result = arriving(xml, isAdding);
        assertThat(result).isInstanceOf(StaticLabel.Relabelled.class);
        return ((StaticLabel.Relabelled) result).xml();
    }

    /** By another parser than the product's, which keeps comments, marked sections and instructions. */
    private static Document parsed(String xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
        Document document =
                factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
        document.normalize();
        return document;
    }

    /** The domain's own label, which is not a part of one of its parts. */
    private static Element own(Document document) {
        for (Node child = document.getDocumentElement().getFirstChild();
                child != null;
                child = child.getNextSibling()) {
            if (child instanceof Element element
                    && element.getTagName().equals("seclabel")
                    && element.getAttribute("model").equals("selinux")) {
                return element;
            }
        }
        throw new AssertionError("no label");
    }

    private static Map<String, String> attributes(Element element) {
        Map<String, String> attributes = new TreeMap<>();
        for (int i = 0; i < element.getAttributes().getLength(); i++) {
            Node attribute = element.getAttributes().item(i);
            attributes.put(attribute.getNodeName(), attribute.getNodeValue());
        }
        return attributes;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                DYNAMIC,
                "<seclabel type='dynamic' model='selinux'/>",
                "<seclabel model='selinux' type='dynamic' relabel='yes'><label>a:b:c:s0:c1,c2</label>"
                        + "<imagelabel>a:b:c:s0:c1,c2</imagelabel></seclabel>",
                "<seclabel type='dynamic' model='selinux' relabel='yes'><baselabel>a:b:svirt_t:s0</baselabel></seclabel>",
                "<seclabel model='selinux' relabel='yes'/>",
            })
    void a_level_that_libvirt_would_draw_becomes_the_one_that_the_domain_has(String seclabel) throws Exception {
        String before = WHOLE.formatted(seclabel);
        Document after = parsed(relabelled(before, false));

        Element changed = own(after);
        assertThat(attributes(changed)).isEqualTo(Map.of("type", "static", "model", "selinux", "relabel", "yes"));
        assertThat(changed.getTextContent()).isEqualTo(PROCESS.toString());
        assertThat(changed.getFirstChild().getNodeName()).isEqualTo("label");
        assertThat(changed.getChildNodes().getLength()).isEqualTo(1);

        Document wanted = parsed(before);
        Element old = own(wanted);
        old.getParentNode().replaceChild(wanted.importNode(changed, true), old);
        assertThat(after.isEqualNode(wanted)).as(relabelled(before, false)).isTrue();
    }

    @Test
    void a_domain_that_says_nothing_gets_the_label_only_where_libvirt_would_label_it() throws Exception {
        String before = WHOLE.formatted("");

        assertThat(arriving(before, false)).isEqualTo(new StaticLabel.AsItIs());
        Document after = parsed(relabelled(before, true));
        Element made = own(after);
        assertThat(made.getTextContent()).isEqualTo(PROCESS.toString());
        made.getParentNode().removeChild(made);
        assertThat(after.isEqualNode(parsed(before))).isTrue();
    }

    @Test
    void what_libvirt_does_not_draw_stays() {
        for (String seclabel : List.of(
                "<seclabel type='static' model='selinux' relabel='no'><label>" + PROCESS + "</label></seclabel>",
                "<seclabel type='static' model='selinux' relabel='yes'><label>" + PROCESS + "</label></seclabel>",
                "<seclabel type='none' model='selinux'/>",
                "<seclabel type='dynamic' model='selinux' relabel='no'/>")) {
            assertThat(arriving(WHOLE.formatted(seclabel), true)).as(seclabel).isEqualTo(new StaticLabel.AsItIs());
        }
    }

    @Test
    void hostile_xml_is_refused_by_value() {
        for (String xml : List.of(
                "",
                "<domain",
                "no XML",
                "<network/>",
                "<!DOCTYPE domain [<!ENTITY a 'b'>]><domain>" + DYNAMIC + "</domain>",
                "<!DOCTYPE domain SYSTEM 'http://127.0.0.1:1/x'><domain>" + DYNAMIC + "</domain>",
                "<domain><title>&nothing;</title>" + DYNAMIC + "</domain>",
                "<domain>" + DYNAMIC + DYNAMIC + "</domain>",
                "<domain>" + "<a>".repeat(300) + "</a>".repeat(300) + DYNAMIC + "</domain>",
                "<domain>" + "<a/>".repeat(300_000) + DYNAMIC + "</domain>",
                "<domain>" + DYNAMIC + " ".repeat(5 << 20) + "</domain>")) {
            assertThat(arriving(xml, true))
                    .as(xml.substring(0, Math.min(60, xml.length())))
                    .isInstanceOfSatisfying(StaticLabel.NotChanged.class, refused -> {
                        assertThat(refused.problem().kind()).isEqualTo(Problem.Kind.NOT_UNDERSTOOD);
                        assertThat(refused.problem().message()).hasLineCount(1);
                    });
        }
        assertThat(StaticLabel.arriving(new byte[] {'<', (byte) 0xff, '>'}, PROCESS, true))
                .isInstanceOf(StaticLabel.NotChanged.class);
    }

    /** libvirt writes the labels of layers before the domain's own. */
    @Test
    void labels_of_many_layers_are_not_the_domains() {
        String layers = "<source file='/a'><seclabel model='selinux' relabel='no'/></source>".repeat(200);

        assertThat(relabelled("<domain><disk>" + layers + "</disk>" + DYNAMIC + "</domain>", true))
                .isEqualTo("<domain><disk>" + layers
                        + "</disk><seclabel model='selinux' relabel='yes' type='static'><label>" + PROCESS
                        + "</label></seclabel></domain>");
    }

    @Test
    void a_large_domain_is_changed() {
        String disks = "<disk type='file'><source file='/pool/a'/></disk>".repeat(20_000);

        assertThat(relabelled("<domain><devices>" + disks + "</devices>" + DYNAMIC + "</domain>", false))
                .contains("<label>" + PROCESS + "</label>");
        String chain = "<backingStore>".repeat(200) + "</backingStore>".repeat(200);
        assertThat(relabelled("<domain><devices>" + chain + "</devices>" + DYNAMIC + "</domain>", false))
                .contains("<label>" + PROCESS + "</label>");
    }
}
