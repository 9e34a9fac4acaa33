package labeler.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import labeler.cli.Main;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The examples in the help and the manual. */
class ExamplesTest {
    private final Examples examples = Examples.shipped();

    @Test
    void every_command_and_each_of_its_words_has_one() {
        List<String> lacking = new ArrayList<>();
        collect(new Main().program(), "", lacking);
        assertThat(lacking).isEmpty();
    }

    private void collect(CommandLine command, String before, List<String> lacking) {
        for (Map.Entry<String, CommandLine> below : command.getSubcommands().entrySet()) {
            String words = (before + " " + below.getValue().getCommandName()).strip();
            if (examples.of(words).isEmpty()) {
                lacking.add(words);
            }
            collect(below.getValue(), words, lacking);
        }
    }

    @Test
    void each_is_a_command_line_that_the_program_takes() {
        for (Examples.Example example : examples.all()) {
            String[] words = example.line().split(" ");
            assertThat(words[0]).isEqualTo("labeler");
            assertThatCode(() -> new Main()
                            .program()
                            .parseArgs(List.of(words).subList(1, words.length).toArray(String[]::new)))
                    .as(example.line())
                    .doesNotThrowAnyException();
        }
    }
}
