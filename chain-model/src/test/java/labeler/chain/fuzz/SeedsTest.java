package labeler.chain.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import labeler.chain.format.ParseResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SeedsTest {
    private static final List<String> WITHOUT_PARSER = List.of("PROBE", "NAME", "OPTIONS", "WALK");

    static List<FuzzTarget> parsers() {
        return FuzzTarget.all().stream()
                .filter(target -> !WITHOUT_PARSER.contains(target.name()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("parsers")
    void each_is_taken_by_its_parser_or_refused_by_its_version_alone(FuzzTarget target) {
        assertThat(target.seeds()).isNotEmpty();
        for (byte[] seed : target.seeds()) {
            assertThat(target.answer().apply(seed))
                    .satisfiesAnyOf(
                            answer -> assertThat(answer).isInstanceOf(ParseResult.Parsed.class),
                            answer -> assertThat(answer)
                                    .isInstanceOfSatisfying(
                                            ParseResult.Unsupported.class,
                                            refused ->
                                                    assertThat(refused.reason()).contains("version")));
        }
    }

    @ParameterizedTest
    @MethodSource("parsers")
    void each_ends_with_a_byte_that_its_answer_depends_on(FuzzTarget target) {
        for (byte[] seed : target.seeds()) {
            Object answer = target.answer().apply(seed);
            assertThat(seed).isNotEmpty();
            assertThat(target.answer().apply(Arrays.copyOf(seed, seed.length - 1)))
                    .isNotEqualTo(answer);
        }
    }

    @Test
    void what_the_answer_does_not_depend_on_is_cut_off() {
        assertThat(Seeds.shortest(new byte[1000], input -> input.length >= 77)).hasSize(77);
        assertThat(Seeds.shortest(new byte[1000], input -> input.length)).hasSize(1000);
        assertThat(Seeds.shortest(new byte[3], _ -> "the same")).isEmpty();
    }

    @Test
    void the_walks_name_files_that_are_there() {
        assertThat(Seeds.walks())
                .filteredOn(seed -> WalkInput.of(seed).check().getFirst().size() > 1)
                .hasSizeGreaterThan(Seeds.walks().size() / 2);
    }
}
