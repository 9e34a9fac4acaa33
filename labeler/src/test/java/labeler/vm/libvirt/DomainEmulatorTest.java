package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import labeler.linux.HostPath;
import org.junit.jupiter.api.Test;

class DomainEmulatorTest {
    private static final HostPath OTHER = HostPath.of("/etc/labeler/emulators/usr/bin/qemu");

    private static Optional<DomainEmulator> parse(String xml) {
        return DomainEmulator.parse(xml.getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<String> exchanged(String xml) {
        return parse(xml).flatMap(domain -> domain.with(OTHER)).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    @Test
    void the_emulator_alone_is_exchanged() {
        String xml = """
                <domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
                  <name>wéb1</name><unknown a="1"/>
                  <devices>
                    <emulator>%s</emulator>
                    <disk/>
                  </devices>
                  <qemu:commandline><qemu:arg value='-S'/></qemu:commandline>
                </domain>
                """;

        assertThat(parse(xml.formatted("/usr/bin/qemu"))).hasValueSatisfying(domain -> {
            assertThat(domain.domain()).isEqualTo("wéb1");
            assertThat(domain.path()).isEqualTo("/usr/bin/qemu");
        });
        assertThat(exchanged(xml.formatted("/usr/bin/qemu"))).contains(xml.formatted(OTHER));
    }

    @Test
    void the_same_text_elsewhere_stays() {
        String xml = "<domain><name>a</name><metadata><x><emulator>/q</emulator></x></metadata>"
                + "<description>&lt;emulator>/q&lt;/emulator></description>"
                + "<devices><disk><emulator>/q</emulator></disk>%s</devices></domain>";

        assertThat(exchanged(xml.formatted("<emulator>/q</emulator>")))
                .contains(xml.formatted("<emulator>" + OTHER + "</emulator>"));
    }

    @Test
    void a_name_with_characters_of_xml_is_found() {
        String xml = "<domain><name>a</name><devices><emulator>%s</emulator></devices></domain>";

        assertThat(exchanged(xml.formatted("/a&amp;b/&lt;c"))).contains(xml.formatted(OTHER));
    }

    @Test
    void what_cannot_be_exchanged_in_one_place_is_not_exchanged() {
        assertThat(exchanged("<domain><name>a</name><devices><emulator >/q</emulator></devices></domain>"))
                .isEmpty();
        assertThat(exchanged("<domain><name>a</name><devices><emulator><!-- -->/q</emulator></devices></domain>"))
                .isEmpty();
    }

    @Test
    void arguments_of_its_own_are_seen() {
        String xml = "<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>%s</domain>";

        assertThat(DomainEmulator.hasOwnArguments(
                        xml.formatted("<q:commandline/>").getBytes(StandardCharsets.UTF_8)))
                .isTrue();
        assertThat(DomainEmulator.hasOwnArguments(
                        xml.formatted("<commandline/>").getBytes(StandardCharsets.UTF_8)))
                .isFalse();
    }

    @Test
    void labelers_own_program_is_known_by_its_name() {
        String xml = "<domain><name>a</name><devices><emulator>%s</emulator></devices></domain>";
        assertThat(DomainEmulator.isLabelers(xml.formatted("/etc/labeler/emulators/usr/bin/qemu-system-x86_64")
                        .getBytes(StandardCharsets.UTF_8)))
                .isTrue();
        assertThat(DomainEmulator.isLabelers(
                        xml.formatted("/usr/bin/qemu-system-x86_64").getBytes(StandardCharsets.UTF_8)))
                .isFalse();
        assertThat(DomainEmulator.isLabelers("<domain/>".getBytes(StandardCharsets.UTF_8)))
                .isFalse();
    }

    @Test
    void what_is_no_domain_with_an_emulator_is_none() {
        assertThat(parse("<domain><name>a</name><devices/></domain>")).isEmpty();
        assertThat(parse("<domain><devices><emulator>/q</emulator></devices></domain>"))
                .isEmpty();
        assertThat(parse("<network><name>a</name><devices><emulator>/q</emulator></devices></network>"))
                .isEmpty();
        assertThat(parse("<domain>")).isEmpty();
        assertThat(parse("")).isEmpty();
    }
}
