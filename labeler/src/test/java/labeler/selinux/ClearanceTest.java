package labeler.selinux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClearanceTest {
    private static Clearance of(String text) {
        return Clearance.parse(text).orElseThrow();
    }

    @Test
    void one_dominates_all_that_have_no_more_than_it_has() {
        for (String lower : List.of("s0", "s0:c5", "s0:c5,c9", "s0:c7,c9", "s0:c5.c9", "s0-s0:c5,c6")) {
            assertThat(of("s0:c5.c9").dominates(of(lower))).as(lower).isTrue();
        }
        for (String other : List.of("s1", "s0:c4", "s0:c5,c10", "s0-s0:c0.c1023")) {
            assertThat(of("s0:c5.c9").dominates(of(other))).as(other).isFalse();
        }
    }

    @Test
    void those_that_dominate_each_other_are_one() {
        assertThat(of("s0-s0:c5.c7")).isEqualTo(of("s0:c5,c6,c7")).hasSameHashCodeAs(of("s0:c5,c6,c7"));
        assertThat(of("s0:c5,c6,c7")).isNotEqualTo(of("s0:c5,c7")).isNotEqualTo(of("s1:c5.c7"));
        assertThat(of("s0-s0:c5.c7")).hasToString("s0:c5.c7");
    }

    @Test
    void anything_else_is_none() {
        for (String text :
                List.of("", "c1", "s0:", "s0:c1,", "s0:c9.c5", "s0:c1024", "s00", "s0:c1.c2.c3", "SystemLow")) {
            assertThat(Clearance.parse(text)).as(text).isEmpty();
        }
    }
}
