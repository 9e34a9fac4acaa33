package labeler.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HoldTriggerTest {
    /** One of each kind, with ids that qemu allows in some place. */
    static final List<HoldTrigger> ALL = List.of(
            new HoldTrigger.Start(),
            new HoldTrigger.Graph(),
            new HoldTrigger.Disk("d1"),
            new HoldTrigger.Node("n1"),
            new HoldTrigger.Command(Long.MAX_VALUE),
            new HoldTrigger.Command(7, Optional.of(new HoldTrigger.CharacterDevice("serial 0"))),
            new HoldTrigger.Job("with space\nand line"),
            new HoldTrigger.QemuObject(""),
            new HoldTrigger.CharacterDevice("\u00e4 command 1"),
            new HoldTrigger.Migration(),
            new HoldTrigger.Dump(),
            new HoldTrigger.Settling());

    @Test
    void each_is_read_from_its_text() {
        assertThat(ALL)
                .allSatisfy(
                        trigger -> assertThat(HoldTrigger.parse(trigger.text())).contains(trigger));
    }

    @Test
    void a_disk_alone_has_the_name_of_a_disk() {
        assertThat(ALL.stream().flatMap(trigger -> trigger.disk().stream())).containsExactly("d1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "start now",
                "command",
                "command x",
                "command -1",
                "command 9223372036854775808",
                "moon",
                "job",
                "Graph"
            })
    void any_other_text_is_no_trigger(String text) {
        assertThat(HoldTrigger.parse(text)).isEmpty();
    }
}
