package labeler.vm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SetNameTest {
    private static final SetName SET = new SetName(12);

    @Test
    void a_name_is_found_within_options() {
        assertThat(SET.isIn("/dev/fdset/12")).isTrue();
        assertThat(SET.isIn("json:{\"filename\": \"/dev/fdset/12\"}")).isTrue();
        assertThat(SET.isIn("/dev/fdset/123 /dev/fdset/12")).isTrue();
    }

    /** qemu reads the number as a decimal one. */
    @Test
    void a_number_may_begin_with_zeros() {
        assertThat(SET.isIn("/dev/fdset/012")).isTrue();
        assertThat(SetName.of("/dev/fdset/012")).contains(SET);
    }

    @Test
    void a_longer_number_is_another_set() {
        assertThat(SET.isIn("/dev/fdset/123")).isFalse();
        assertThat(SET.isIn("/dev/fdset/1")).isFalse();
    }

    @Test
    void numbers_from_a_million_on_are_the_guards() {
        assertThat(new SetName(999_999).isOfClient()).isTrue();
        assertThat(new SetName(1_000_000).isOfClient()).isFalse();
    }
}
