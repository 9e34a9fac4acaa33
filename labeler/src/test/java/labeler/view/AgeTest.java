package labeler.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgeTest {
    @ParameterizedTest
    @CsvSource({"PT0S,0s", "PT-3S,0s", "PT59S,59s", "PT61S,1m1s", "PT1H,1h0m", "PT25H30M,1d1h", "P400DT5M,400d0h"})
    void an_age_is_told_in_its_largest_unit_and_the_next(Duration age, String text) {
        assertThat(VmText.age(age)).isEqualTo(text);
    }
}
