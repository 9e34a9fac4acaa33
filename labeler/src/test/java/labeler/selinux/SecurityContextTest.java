package labeler.selinux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecurityContextTest {
    @ParameterizedTest
    @ValueSource(strings = {"system_u:object_r:svirt_image_t:s0:c1,c2", "u:r:t:s0-s0:c0.c1023", "a:b:c:s15"})
    void a_context_is_read_and_written_alike(String text) {
        assertThat(SecurityContext.parse(text).orElseThrow()).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a:b:c", "a:b:c:", ":b:c:s0", "a b:r:t:s0", "a:r:t:s0\n", "a:r:t\u0000:s0", "a:r:t:S0"})
    void what_is_no_context_is_not_read(String text) {
        assertThat(SecurityContext.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s0",
                "s0:c1",
                "s0:c1,c1",
                "s0:c1,c2,c3",
                "s0:c1.c5",
                "s0:c1,c1024",
                "s0:c01,c2",
                "s16:c1,c2",
                "s0-s0:c1,c2",
                "s:c1,c2",
                "s0:c-1,c2",
                "s0:c1,c2 ",
                ":c1,c2"
            })
    void what_has_no_pair_is_no_level_of_a_vm(String text) {
        assertThat(Level.parse(text)).isEmpty();
    }

    @Test
    void a_pair_is_read_in_either_order() {
        assertThat(Level.parse("s0:c9,c7")).isEqualTo(Level.parse("s0:c7,c9"));
        assertThat(Level.parse("s0:c9,c7").orElseThrow()).hasToString("s0:c7,c9");
    }

    @Test
    void a_nul_at_the_end_makes_no_other_label() {
        StoredLabel with = StoredLabel.of("u:r:t:s0\0".getBytes(StandardCharsets.US_ASCII));
        StoredLabel without = StoredLabel.of("u:r:t:s0".getBytes(StandardCharsets.US_ASCII));

        assertThat(with).isEqualTo(without).hasSameHashCodeAs(without);
        assertThat(with.bytes()).isNotEqualTo(without.bytes());
        assertThat(StoredLabel.of(new byte[] {1, 2}).printable()).isEqualTo("0x0102");
    }

    @Test
    void the_policys_contexts_come_from_its_files(@TempDir Path directory) throws IOException {
        Files.writeString(
                directory.resolve("virtual_domain_context"), "# a comment\nu:r:svirt_t:s0\nu:r:svirt_tcg_t:s0\n");
        Files.writeString(
                directory.resolve("virtual_image_context"), "u:o:svirt_image_t:s0\n\nu:o:virt_content_t:s0\n");

        VirtualContexts contexts = VirtualContexts.read(directory);

        assertThat(contexts.emulatedProcess()).map(SecurityContext::type).contains("svirt_tcg_t");
        assertThat(contexts.content().type()).isEqualTo("virt_content_t");
    }

    @Test
    void a_context_file_that_says_something_else_is_named(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("virtual_domain_context"), "u:r:svirt_t:s0\n");
        Files.writeString(directory.resolve("virtual_image_context"), "u:o:svirt_image_t:s0\n");

        assertThatThrownBy(() -> VirtualContexts.read(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("virtual_image_context");
    }

    @Test
    void selinux_is_what_selinuxfs_says(@TempDir Path directory) throws IOException {
        SelinuxHost host = new SelinuxHost(directory, directory);
        assertThat(host.mode()).isEqualTo(SelinuxHost.Mode.INACTIVE);
        assertThat(host.contextsDirectory()).isEmpty();

        Files.writeString(directory.resolve("enforce"), "0");
        assertThat(host.mode()).isEqualTo(SelinuxHost.Mode.PERMISSIVE);
        Files.writeString(directory.resolve("enforce"), "1");
        assertThat(host.mode()).isEqualTo(SelinuxHost.Mode.ENFORCING);

        Files.writeString(directory.resolve("config"), "# SELINUXTYPE=no\nSELINUX=enforcing\nSELINUXTYPE=default\n");
        Path contexts = Files.createDirectories(directory.resolve("default/contexts"));
        assertThat(host.contextsDirectory()).isEmpty();
        Files.writeString(contexts.resolve("virtual_domain_context"), "u:r:svirt_t:s0\n");
        assertThat(host.contextsDirectory()).contains(contexts);
    }

    @Test
    void the_lower_end_of_a_range_is_a_context_of_its_own() {
        SecurityContext service = SecurityContext.parse("system_u:system_r:labelerd_t:s0-s0:c0.c1023")
                .orElseThrow();

        assertThat(service.low()).hasToString("system_u:system_r:labelerd_t:s0");
        assertThat(service.low().low()).isEqualTo(service.low());
    }
}
