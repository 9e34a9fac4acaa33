package labeler.linux.jna;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProcFilesTest {
    private static final String AFTER_NAME = " S 1 2 3 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 8642 2576384 171";

    @ParameterizedTest
    @ValueSource(strings = {"cat", "a b", "a) Z 1 (b", ") S 1", "((", "\n", ""})
    void the_start_time_is_found_whatever_the_name(String name) {
        assertThat(ProcFiles.startTime(("4321 (" + name + ")" + AFTER_NAME).getBytes(UTF_8)))
                .hasValue(8642);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Z", "X"})
    void the_state_of_the_first_thread_does_not_matter(String state) {
        String stat = "4321 (cat)" + AFTER_NAME.replace("S", state);
        assertThat(ProcFiles.startTime(stat.getBytes(UTF_8))).hasValue(8642);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "4321", "4321 (cat", "4321 (cat)", "4321 (cat) S 1 2", ")"})
    void a_cut_off_text_has_no_start_time(String stat) {
        assertThat(ProcFiles.startTime(stat.getBytes(UTF_8))).isEmpty();
    }

    @Test
    void a_start_time_that_is_no_number_is_none() {
        assertThat(ProcFiles.startTime(("1 (a)" + AFTER_NAME.replace("8642", "x")).getBytes(UTF_8)))
                .isEmpty();
    }

    @Test
    void a_context_comes_without_what_ends_it() {
        assertThat(ProcFiles.context("u:r:t:s0\0".getBytes(UTF_8))).hasValue("u:r:t:s0".getBytes(UTF_8));
        assertThat(ProcFiles.context("unconfined\n".getBytes(UTF_8))).hasValue("unconfined".getBytes(UTF_8));
        assertThat(ProcFiles.context(new byte[] {0})).isEmpty();
        assertThat(ProcFiles.context(new byte[0])).isEmpty();
    }

    @Test
    void the_mount_id_is_found_in_fdinfo() {
        assertThat(ProcDescriptors.mountIdIn("pos:\t0\nflags:\t02\nmnt_id:\t29\nino:\t5\n".getBytes(UTF_8)))
                .isEqualTo(OptionalInt.of(29));
        assertThat(ProcDescriptors.mountIdIn("pos:\t0\n".getBytes(UTF_8))).isEmpty();
        assertThat(ProcDescriptors.mountIdIn("mnt_id:\tmany\n".getBytes(UTF_8))).isEmpty();
    }
}
