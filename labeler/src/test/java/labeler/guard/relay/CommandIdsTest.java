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
        assertThat(CommandIds.after(state(earlier.given())).next()).isNotEqualTo(last);
    }

    @Test
    void one_that_waits_for_its_answer_is_not_given_again_though_nobody_has_counted() {
        CommandIds next = CommandIds.after(state(0, "3", "0123456789abcdef-7"));
        assertThat(Stream.generate(next::next).limit(QUESTIONS_OF_A_START)).doesNotContain("3");
    }

    @Test
    void that_of_a_negotiation_is_no_other_connections() {
        assertThat(CommandIds.ofNegotiation()).isNotEqualTo(CommandIds.ofNegotiation());
    }

    private static RelayState.OfMonitor state(long given, String... asked) {
        List<RelayState.Asked> waiting =
                Stream.of(asked).map(id -> new RelayState.Asked(id, false)).toList();
        return new RelayState.OfMonitor(1, "", "", waiting, false, given);
    }
}
