package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The facts about one domain that matter to all others. */
class DomainFactsTest {
    private static DomainFacts facts(String parts) {
        String xml = "<domstatus><domain><name>two</name>" + parts + "</domain></domstatus>";
        return DomainFacts.parse(xml.getBytes(StandardCharsets.UTF_8)).orElseThrow();
    }

    @Test
    void each_file_that_a_domain_names_is_one_of_its_files() {
        DomainFacts facts = facts("""
                <os><loader>/code.fd</loader><nvram>/variables.fd</nvram><kernel>/kernel</kernel><initrd>/initrd</initrd>
                <dtb>/tree.dtb</dtb><acpi><table type='slic'>/slic.bin</table></acpi></os>
                <sysinfo type='fwcfg'><entry name='opt/a' file='/note'/><entry name='opt/b'>text</entry></sysinfo>
                <devices><disk><source file='/disk'/></disk><disk><source dev='/dev/sdx'/></disk>
                <interface><rom bar='off' file='/rom'/></interface></devices>""");

        assertThat(facts.files())
                .extracting(Object::toString)
                .containsExactlyInAnyOrder(
                        "/code.fd",
                        "/variables.fd",
                        "/kernel",
                        "/initrd",
                        "/tree.dtb",
                        "/slic.bin",
                        "/note",
                        "/disk",
                        "/dev/sdx",
                        "/rom");
    }

    @Test
    void a_volume_is_known_by_its_pool() {
        DomainFacts facts = facts("<devices><disk type='volume'><source pool='media' volume='two.iso'/></disk>"
                + "<disk type='volume'><source pool='far' volume='unit:0:0:1' mode='direct'/></disk></devices>");

        assertThat(facts.volumes())
                .containsExactlyInAnyOrder(
                        new DomainFacts.Volume("media", "two.iso", false),
                        new DomainFacts.Volume("far", "unit:0:0:1", true));
        assertThat(facts.files()).isEmpty();
    }
}
