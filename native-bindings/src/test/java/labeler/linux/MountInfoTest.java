package labeler.linux;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MountInfoTest {
    private static Map<Long, Mount> parse(String text) {
        return MountInfo.parse(text.getBytes(UTF_8));
    }

    @Test
    void a_line_is_taken_apart() {
        Mount mount = parse("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:7 - ext3 /dev/root rw,seclabel\n")
                .get(36L);
        assertThat(mount).isNotNull();
        assertThat(mount.parent()).isEqualTo(35);
        assertThat(mount.device()).isEqualTo(0x6200);
        assertThat(mount.root()).isEqualTo(HostPath.of("/mnt1"));
        assertThat(mount.mountPoint()).isEqualTo(HostPath.of("/mnt2"));
        assertThat(mount.fileSystemType()).isEqualTo("ext3");
        assertThat(mount.source()).isEqualTo("/dev/root");
        assertThat(mount.options()).containsExactlyInAnyOrder("rw", "noatime");
        assertThat(mount.superOptions()).containsExactlyInAnyOrder("rw", "seclabel");
        assertThat(mount.storesLabels()).isTrue();
        assertThat(mount.isReadOnly()).isFalse();
    }

    @Test
    void optional_fields_may_be_missing_and_a_source_empty() {
        Mount mount = parse("36 35 98:0 / / ro - tmpfs  rw").get(36L);
        assertThat(mount).isNotNull();
        assertThat(mount.source()).isEmpty();
        assertThat(mount.isReadOnly()).isTrue();
    }

    @Test
    void escapes_are_bytes() {
        Mount mount = parse("1 1 0:1 / /a\\040b\\011\\012\\134\\377 rw - nfs host:/a\\040b rw")
                .get(1L);
        assertThat(mount).isNotNull();
        assertThat(mount.mountPoint()).isEqualTo(HostPath.of("/a b\t\n\\\u00ff".getBytes(ISO_8859_1)));
        assertThat(mount.source()).isEqualTo("host:/a b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\", "\\0", "\\04", "\\089", "\\777", "a\\"})
    void what_is_no_escape_stays(String text) {
        assertThat(KernelText.unescape(text.getBytes(UTF_8))).isEqualTo(text.getBytes(UTF_8));
    }

    @Test
    void a_comma_in_quotes_belongs_to_its_option() {
        Mount mount = parse("1 1 0:1 / /a rw - tmpfs t rw,context=\"u:r:t:s0:c1,c2\",size=4k")
                .get(1L);
        assertThat(mount).isNotNull();
        assertThat(mount.superOptions()).containsExactlyInAnyOrder("rw", "context=\"u:r:t:s0:c1,c2\"", "size=4k");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "-",
                "1",
                "1 1 0:1 / /a rw",
                "1 1 0:1 / /a rw -",
                "1 1 0:1 / /a rw - tmpfs",
                "x 1 0:1 / /a rw - tmpfs t rw",
                "-1 1 0:1 / /a rw - tmpfs t rw",
                "99999999999999999999 1 0:1 / /a rw - tmpfs t rw",
                "1 1 0:1 /  rw - tmpfs t rw",
                "1 1 0:1 / \\000 rw - tmpfs t rw",
            })
    void a_line_without_sense_gives_nothing_and_harms_no_other(String line) {
        assertThat(parse(line)).isEmpty();
        assertThat(parse(line + "\n7 1 0:1 / /ok rw - tmpfs t rw\n" + line)).containsOnlyKeys(7L);
    }

    @Test
    void noise_never_throws() {
        Random random = new Random(1);
        byte[] alphabet = " -0123456789/\\,\"\n\tabc:\u0000\u00ff".getBytes(ISO_8859_1);
        for (int round = 0; round < 20_000; round++) {
            byte[] text = new byte[random.nextInt(80)];
            for (int i = 0; i < text.length; i++) {
                text[i] = alphabet[random.nextInt(alphabet.length)];
            }
            assertThat(MountInfo.parse(text)).isNotNull();
        }
    }
}
