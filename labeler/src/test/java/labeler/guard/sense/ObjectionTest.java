package labeler.guard.sense;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ObjectionTest {
    @ParameterizedTest
    @EnumSource(Rule.class)
    void each_refusal_says_what_to_do(Rule rule) {
        assertThat(new Objection(rule, "a fact").message()).matches("a fact; [a-z]{3,} .+");
        assertThat(new Objection(rule, "n".repeat(10_000)).message()).matches("n+; [a-z]{3,} .+");
        assertThat(new Objection(rule, "a fact; do this").message()).isEqualTo("a fact; do this");
    }

    @Test
    void a_left_label_is_told_apart_from_a_file_of_another_vm() {
        Optional<HostPath> file = Optional.of(HostPath.of("/vm/a"));

        assertThat(Objection.of(Rule.S1, new Problem(Problem.Kind.IN_USE, file, "VM db1 has it")))
                .isEqualTo(new Objection(Rule.S1, "/vm/a: VM db1 has it"));
        assertThat(Objection.of(Rule.S1, new Problem(Problem.Kind.LEFTOVER_LABEL, file, "its label")))
                .isEqualTo(new Objection(Rule.S1, "a left label: /vm/a: its label"));
    }
}
