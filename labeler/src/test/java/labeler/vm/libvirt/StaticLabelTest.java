package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import labeler.selinux.SecurityContext;
import org.junit.jupiter.api.Test;

class StaticLabelTest {
    private static final SecurityContext CONTEXT =
            SecurityContext.parse("system_u:system_r:svirt_t:s0:c1,c2").orElseThrow();

    private static final String OURS =
            "<seclabel model='selinux' relabel='no' type='static'><label>" + CONTEXT + "</label></seclabel>";

    private static byte[] bytes(String xml) {
        return xml.getBytes(StandardCharsets.UTF_8);
    }

    private static StaticLabel parse(String xml) {
        return StaticLabel.parse(bytes(xml)).orElseThrow();
    }

    private static Optional<String> with(String xml) {
        return parse(xml).with(CONTEXT).map(done -> new String(done, StandardCharsets.UTF_8));
    }

    private static Optional<String> without(String xml) {
        return parse(xml).without().map(done -> new String(done, StandardCharsets.UTF_8));
    }

    @Test
    void the_label_is_all_that_changes_and_goes_again() {
        for (String xml : List.of(
                "<domain><name>a</name></domain>",
                "<domain><name>a</name></domain >\n<!-- </domain> -->",
                "<domain><name>a</name><!-- </domain> <metadata/> --><unknown a='1'/></domain>",
                "<domain><name>a</name><description><![CDATA[</domain><metadata></metadata>]]></description></domain>",
                "<domain><name>a</name><description>&lt;/domain></description></domain>",
                "<domain><metadata><x:y xmlns:x='urn:x'><metadata></metadata><seclabel model='selinux'/></x:y>"
                        + "</metadata><name>a</name></domain>",
                "<domain><name>a</name><metadata a='1'>\n  <x:label xmlns:x='urn:x'>1</x:label>\n</metadata></domain>",
                "<domain><name>a</name><devices><disk><source file='/a'>" + OURS
                        + "</source></disk></devices></domain>",
                "<domain><name>a</name><seclabel type='dynamic' model='dac' relabel='yes'/>"
                        + "<seclabel type='static' model='apparmor'><label>x</label></seclabel></domain>")) {
            Optional<String> changed = with(xml);
            assertThat(changed).as(xml).isPresent();
            assertThat(parse(changed.get()).state()).as(xml).isEqualTo(new StaticLabel.Fixed(CONTEXT, true));
            assertThat(changed.get()).contains(OURS + "</domain");
            assertThat(without(changed.get())).as(xml).contains(xml);
        }
    }

    @Test
    void empty_metadata_take_the_mark() {
        String xml = "<domain><name>a</name><metadata /></domain>";

        assertThat(with(xml))
                .hasValueSatisfying(
                        changed -> assertThat(without(changed)).contains("<domain><name>a</name></domain>"));
    }

    @Test
    void what_somebody_put_beside_the_mark_stays() {
        String mark = "<labeler:label xmlns:labeler=\"urn:labeler:libvirt:label:1\">" + CONTEXT + "</labeler:label>";
        for (String beside : List.of(
                "<!-- a ticket -->",
                "a text",
                "<![CDATA[a text]]>",
                "<!-- </labeler:label></metadata> -->",
                "<?a b?>")) {
            String xml = "<domain><name>a</name><metadata>" + beside + "%s" + beside + "</metadata>%s</domain>";
            assertThat(without(xml.formatted(mark, OURS))).as(beside).contains(xml.formatted("", ""));
        }
        String attribute = "<domain><name>a</name><metadata a='1'>%s</metadata>%s</domain>";
        assertThat(without(attribute.formatted(mark, OURS))).contains(attribute.formatted("", ""));
    }

    @Test
    void what_libvirt_makes_of_the_text_is_still_known() {
        String xml = """
                <domain type='qemu'>
                  <name>a</name>
                  <metadata>
                    <x:note xmlns:x="urn:x"/>
                    <labeler:label xmlns:labeler="urn:labeler:libvirt:label:1">%s</labeler:label>
                  </metadata>
                  <devices/>
                  <seclabel type='dynamic' model='dac' relabel='yes'/>
                  <seclabel type='static' model='selinux' relabel='no'>
                    <label>%s</label>
                  </seclabel>
                </domain>
                """;
        String ours = xml.formatted(CONTEXT, CONTEXT);

        assertThat(parse(ours).state()).isEqualTo(new StaticLabel.Fixed(CONTEXT, true));
        assertThat(without(ours))
                .hasValueSatisfying(left ->
                        assertThat(left).contains("x:note", "model='dac'").doesNotContain("labeler", "selinux"));

        String changed = xml.formatted(CONTEXT, "system_u:system_r:svirt_t:s0:c3,c4");
        assertThat(parse(changed).state())
                .isInstanceOfSatisfying(
                        StaticLabel.Fixed.class,
                        fixed -> assertThat(fixed.isOurs()).isFalse());
        assertThat(without(changed))
                .hasValueSatisfying(
                        left -> assertThat(left).contains("s0:c3,c4", "x:note").doesNotContain("labeler"));
    }

    @Test
    void labels_of_somebody_else_are_told_apart_and_stay() {
        for (String seclabel : List.of(
                "<seclabel type='dynamic' model='selinux' relabel='yes'/>",
                "<seclabel type='none'/>",
                "<seclabel type='static' model='selinux' relabel='yes'><label>" + CONTEXT + "</label></seclabel>",
                "<seclabel type='static' model='selinux' relabel='no'><label>a:b:c:s0</label></seclabel>",
                "<seclabel type='static' model='selinux' relabel='no'><label>hostile &lt;</label></seclabel>",
                "<seclabel type='dynamic' model='selinux' relabel='yes'><baselabel>" + CONTEXT
                        + "</baselabel></seclabel>",
                OURS + OURS)) {
            String xml = "<domain><name>a</name>" + seclabel + "</domain>";
            assertThat(parse(xml).state()).as(seclabel).isEqualTo(new StaticLabel.Another());
            assertThat(without(xml)).as(seclabel).contains(xml);
        }
        String foreign = "<domain><name>a</name>" + OURS + "</domain>";
        assertThat(parse(foreign).state()).isEqualTo(new StaticLabel.Fixed(CONTEXT, false));
        assertThat(without(foreign)).contains(foreign);
    }

    @Test
    void what_is_no_domain_has_none_and_hostile_text_ends() {
        assertThat(StaticLabel.parse(bytes("<network/>"))).isEmpty();
        assertThat(StaticLabel.parse(bytes("<domain>"))).isEmpty();
        assertThat(StaticLabel.parse(bytes(""))).isEmpty();
        assertThat(parse("<domain/>").with(CONTEXT)).isEmpty();
        String many = "</domain><metadata/>".repeat(20_000);
        assertThat(with("<domain><description><![CDATA[" + many + "]]></description></domain>"))
                .isPresent();
        assertThat(with("<domain><name>a</name></domain><!-- " + many + " -->")).isEmpty();
    }

    @Test
    void libvirt_knows_the_label_if_the_host_has_the_model_and_not_a_guest() {
        String host = "<capabilities><host><secmodel><model>%s</model><doi>0</doi></secmodel>"
                + "<secmodel><model>dac</model></secmodel></host>"
                + "<guest><secmodel><model>selinux</model></secmodel></guest></capabilities>";

        assertThat(StaticLabel.isKnownTo(bytes(host.formatted("selinux")))).isTrue();
        for (String other : List.of(host.formatted("none"), "<capabilities/>", "<domain/>", "nothing")) {
            assertThat(StaticLabel.isKnownTo(bytes(other))).as(other).isFalse();
        }
    }
}
