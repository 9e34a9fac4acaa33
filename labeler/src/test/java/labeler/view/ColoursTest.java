package labeler.view;

import static org.assertj.core.api.Assertions.assertThat;

import labeler.view.Terminal.Style;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ColoursTest {
    /** As with {@code labeler status 2>messages}: a file of messages has no colours because the results are seen. */
    @ParameterizedTest
    @CsvSource({"plain,false,false", "coloured-results,true,false", "coloured-messages,false,true", "coloured,true,true"
    })
    void each_output_is_coloured_only_if_it_is_a_terminal(String word, boolean results, boolean messages) {
        PrintedCommand printed = PrintedCommand.of(0, Colours.of(word).orElseThrow(), terminal -> {
            terminal.print(terminal.styled(Style.BOLD, "result"));
            terminal.err().println(terminal.styledMessage(Style.WARNING, "message"));
        });

        assertThat(printed.out().contains("\033[")).isEqualTo(results);
        assertThat(printed.err().contains("\033[")).isEqualTo(messages);
        assertThat(Colours.of(results, messages)).isEqualTo(Colours.of(word).orElseThrow());
    }
}
