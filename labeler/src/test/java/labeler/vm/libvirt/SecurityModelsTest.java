package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SecurityModelsTest {
    private static SecurityModels parse(String xml) {
        return SecurityModels.parse(xml.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void the_models_of_the_host_count_and_not_those_of_a_guest() {
        String other = "<guest><secmodel><model>selinux</model></secmodel></guest>";

        assertThat(parse("<capabilities><host><secmodel><model>selinux</model><doi>0</doi>"
                                + "<baselabel type='kvm'>system_u:system_r:svirt_t:s0</baselabel></secmodel>"
                                + "<secmodel><model>dac</model></secmodel></host></capabilities>")
                        .names())
                .containsExactlyInAnyOrder("selinux", "dac");
        assertThat(parse("<capabilities><host><secmodel><model>none</model></secmodel></host>" + other
                                + "</capabilities>")
                        .hasSelinux())
                .isFalse();
        assertThat(parse("<capabilities>" + other + "</capabilities>").hasSelinux())
                .isFalse();
        assertThat(parse("<domain><host><secmodel><model>selinux</model></secmodel></host></domain>")
                        .hasSelinux())
                .isFalse();
        assertThat(parse("nothing").hasSelinux()).isFalse();
    }
}
