package labeler.guard.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CommandIdsTest {
    private static final int QUESTIONS_OF_A_START = 1_000;

    @Test
    void ids_are_short_and_none_is_given_twice() {
        CommandIds ids = new CommandIds(0);
        List<String> given =
                Stream.generate(ids::next).limit(QUESTIONS_OF_A_START).toList();
        assertThat(given).doesNotHaveDuplicates().allMatch(id -> id.length() <= 2);
    }

    @Test
    void those_of_a_next_service_begin_after_the_last() {
        CommandIds earlier = new CommandIds(0);
        String last = earlier.next();
        assertThat(new CommandIds(earlier.given()).next()).isNotEqualTo(last);
    }
}
