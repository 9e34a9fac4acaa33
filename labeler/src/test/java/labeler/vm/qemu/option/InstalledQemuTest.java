package labeler.vm.qemu.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that ask a qemu get the whole answer, or an error. Scripts imitate a qemu that fails. */
class InstalledQemuTest {
    private static final List<String> QUESTIONS = List.of("{\"execute\":\"a\"}", "{\"execute\":\"b\"}");

    @Test
    void quit_is_sent_after_the_last_answer_was_read() throws Exception {
        // qemu drops unread answers when it reads `quit`. This one drops all that it has not yet sent.
        String drops = """
                echo '{"QMP":{}}'
                read -r capabilities && read -r a && read -r b
                if read -r -t 0; then exit 0; fi
                for n in 0 1 2; do echo "{\\"return\\":$n}"; done
                read -r quit
                """;
        assertThat(InstalledQemu.qmp(List.of("bash", "-c", drops), QUESTIONS))
                .containsExactly("{\"return\":1}", "{\"return\":2}");
    }

    @Test
    void events_are_no_answers() throws Exception {
        String talks = """
                echo '{"QMP":{}}'
                for n in 0 1 2; do echo '{"event":"E"}'; read -r question; echo "{\\"return\\":$n}"; done
                read -r quit
                """;
        assertThat(InstalledQemu.qmp(List.of("bash", "-c", talks), QUESTIONS))
                .containsExactly("{\"return\":1}", "{\"return\":2}");
    }

    @Test
    void a_qemu_that_ends_before_its_last_answer_is_told() {
        String ends = "read -r capabilities && read -r a && echo '{\"return\":0}' && echo '{\"return\":1}'; exit 7";
        assertThatThrownBy(() -> InstalledQemu.qmp(List.of("bash", "-c", ends), QUESTIONS))
                .isInstanceOf(AssertionError.class)
                .hasMessage("bash ended with status 7 after 2 answers to 3 questions");
    }
}
