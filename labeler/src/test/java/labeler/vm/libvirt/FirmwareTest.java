package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.option.UseText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Firmware that libvirt chooses by the descriptors of a host. */
class FirmwareTest {
    private static final String SECURE = flash("secure", "raw", "pc-q35-*", "requires-smm secure-boot enrolled-keys");

    private static final String PLAIN = flash("plain", "qcow2", "pc-q35-*", "acpi-s3");

    private static String flash(String name, String format, String machines, String features) {
        return """
            {"interface-types": ["uefi"], "features": [%s],
             "mapping": {"device": "flash", "mode": "split",
               "executable": {"filename": "/fw/%s", "format": "%s"},
               "nvram-template": {"filename": "/fw/%s-vars", "format": "%s"}},
             "targets": [{"architecture": "x86_64", "machines": ["%s"]}]}
            """.formatted(quoted(features), name, format, name, format, machines);
    }

    private static String quoted(String words) {
        return words.isEmpty() ? "" : "\"" + words.replace(" ", "\", \"") + "\"";
    }

    private static List<String> uses(LibvirtHost host, String os, String more) {
        VmDefinition definition = DomainXml.parse(
                ("<domain type='kvm'><name>vm</name>" + os + more + "</domain>").getBytes(StandardCharsets.UTF_8),
                host);
        return definition.problems().isEmpty()
                ? UseText.of(definition)
                : definition.problems().stream().map(problem -> "refused").toList();
    }

    private static List<String> automatic(LibvirtHost host, String inside, String more) {
        return uses(
                host,
                "<os firmware='efi'><type arch='x86_64' machine='pc-q35-9.0'>hvm</type>" + inside + "</os>",
                more);
    }

    @Test
    void the_first_that_fits_is_taken_with_its_variables() {
        assertThat(automatic(TestedHost.withFirmware(SECURE, PLAIN), "", ""))
                .containsExactly("firmware ro /fw/secure raw", "made nvram /var/lib/libvirt/qemu/nvram/vm_VARS.fd");
        assertThat(automatic(TestedHost.withFirmware(PLAIN, SECURE), "", ""))
                .containsExactly(
                        "firmware ro /fw/plain qcow2",
                        "made nvram /var/lib/libvirt/qemu/nvram/vm_VARS.qcow2",
                        "nvram rw /var/lib/libvirt/qemu/nvram/vm_VARS.qcow2 qcow2");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        <firmware><feature name='secure-boot' enabled='no'/></firmware>    |                                         | plain
        <firmware><feature name='enrolled-keys' enabled='yes'/></firmware> |                                         | secure
        <loader secure='yes'/>                                             |                                         | secure
        <loader secure='no'/>                                              |                                         | plain
        <loader format='qcow2'/>                                           |                                         | plain
        <nvram template='/fw/plain-vars'/>                                 |                                         | plain
        ''                                                                 | <features><smm state='off'/></features> | plain
        ''                                                                 | <pm><suspend-to-mem enabled='yes'/></pm> | plain
        """)
    void what_the_domain_asks_for_decides(String inside, String more, String chosen) {
        assertThat(automatic(TestedHost.withFirmware(SECURE, PLAIN), inside, more == null ? "" : more))
                .first()
                .asString()
                .startsWith("firmware ro /fw/" + chosen + " ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<loader type='rom'/>",
                "<loader stateless='yes'/>",
                "<loader readonly='no'/>",
                "<nvram template='/elsewhere'/>"
            })
    void if_none_fits_the_domain_is_refused(String inside) {
        assertThat(automatic(TestedHost.withFirmware(SECURE, PLAIN), inside, ""))
                .containsExactly("refused");
    }

    @Test
    void another_machine_or_interface_does_not_fit() {
        LibvirtHost host = TestedHost.withFirmware(PLAIN);
        assertThat(uses(host, "<os firmware='efi'><type arch='aarch64' machine='pc-q35-9.0'/></os>", ""))
                .containsExactly("refused");
        assertThat(uses(host, "<os firmware='efi'><type arch='x86_64' machine='pc'/></os>", ""))
                .containsExactly("refused");
        assertThat(uses(host, "<os firmware='bios'><type arch='x86_64' machine='q35'/></os>", ""))
                .containsExactly("refused");
        assertThat(uses(host, "<os firmware='efi'><type machine='q35'/></os>", ""))
                .hasSize(3);
    }

    @Test
    void a_named_loader_gets_the_format_of_its_descriptor() {
        String os = "<os><type arch='x86_64' machine='q35'/><loader readonly='yes' type='pflash'>/fw/%s</loader>"
                + "<nvram>/v</nvram></os>";
        LibvirtHost host = TestedHost.withFirmware(PLAIN);
        assertThat(uses(host, os.formatted("plain"), ""))
                .containsExactly("firmware ro /fw/plain qcow2", "made nvram /v", "nvram rw /v qcow2");
        assertThat(uses(host, os.formatted("other"), ""))
                .containsExactly("firmware ro /fw/other raw", "nvram rw /v raw");
    }

    @Test
    void firmware_in_memory_is_a_file() {
        String descriptor = """
            {"interface-types": ["bios"], "features": [], "mapping": {"device": "memory", "filename": "/fw/bios"},
             "targets": [{"architecture": "x86_64", "machines": ["pc-*"]}]}
            """;
        assertThat(uses(
                        TestedHost.withFirmware(descriptor),
                        "<os firmware='bios'><type arch='x86_64' machine='pc'/></os>",
                        ""))
                .containsExactly("firmware read-only /fw/bios");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"mapping\": 1}",
                "{\"mapping\": {\"device\": \"flash\"}}",
                "{\"interface-types\": \"uefi\", \"mapping\": {\"device\": \"memory\", \"filename\": \"/f\"}}",
                "{\"interface-types\": [[\"uefi\"], 1], \"mapping\": {\"device\": \"flash\", \"executable\": []}}"
            })
    void a_descriptor_that_is_none_is_passed_over(String broken) {
        assertThat(automatic(TestedHost.withFirmware(broken, PLAIN), "", "")).hasSize(3);
        assertThat(automatic(TestedHost.withFirmware(broken), "", "")).containsExactly("refused");
    }

    @Test
    void stars_are_matched_in_time() {
        String many = "*a".repeat(2000) + "b";
        assertThat(FirmwareDescriptor.matches(many, "a".repeat(4000))).isFalse();
        for (Map.Entry<String, Boolean> one : Map.of(
                        "pc-*", true, "*", true, "p?-q35", true, "pc", false, "pc-q35?", false, "*35", true, "", false)
                .entrySet()) {
            assertThat(FirmwareDescriptor.matches(one.getKey(), "pc-q35"))
                    .as(one.getKey())
                    .isEqualTo(one.getValue());
        }
    }

    /** They are judged as an image where they are, and libvirt makes them where they are not. */
    @Test
    void variables_in_qcow2_are_made_as_raw_ones_are() {
        assertThat(uses(
                        TestedHost.withFirmware(),
                        "<os><loader readonly='yes' type='pflash'>/code</loader>"
                                + "<nvram template='/t' templateFormat='qcow2' format='qcow2'>/x_VARS.qcow2</nvram></os>",
                        ""))
                .containsExactly("firmware ro /code raw", "made nvram /x_VARS.qcow2", "nvram rw /x_VARS.qcow2 qcow2");
    }
}
