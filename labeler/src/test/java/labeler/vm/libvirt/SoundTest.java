package labeler.vm.libvirt;

import static labeler.vm.libvirt.DomainXmlTest.deviceProblems;
import static labeler.vm.libvirt.DomainXmlTest.devices;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import labeler.problem.Problem;
import org.junit.jupiter.api.Test;

class SoundTest {
    @Test
    void a_sound_device_by_alsas_own_language_is_refused_since_it_may_run_a_program() {
        for (String side : List.of("input", "output")) {
            for (String name :
                    List.of("file:'|touch /x'", "file:x", "tee:null,/x,raw", "plug:'file:x'", "{type file}")) {
                String audio = "<audio id='1' type='alsa'><" + side + " dev=\"" + name + "\"/></audio>";
                assertThat(deviceProblems(audio)).as(audio).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
            }
        }
        assertThat(devices("<audio id='1' type='alsa'><input dev='hw:0,0'/><output dev='default'/></audio>"))
                .isEmpty();
    }

    @Test
    void a_sound_device_of_oss_is_a_node_by_any_name() {
        assertThat(devices("<audio id='1' type='oss'><input dev='/dev/dsp1'/><output dev='sound'/></audio>"))
                .containsExactly("shared-device read-write /dev/dsp1", "shared-device read-write /sound");
        assertThat(devices("<audio id='1' type='oss'/>")).containsExactly("shared-device read-write /dev/dsp");
    }
}
