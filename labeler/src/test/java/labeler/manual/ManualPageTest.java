package labeler.manual;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

class ManualPageTest {
    @Command(
            name = "tool",
            description = "Does a thing. Then another.",
            subcommands = Sub.class,
            exitCodeList = {"0:done", "3:refused"})
    static final class Tool {
        @Option(names = "--hidden", hidden = true)
        boolean hidden;

        @Option(names = "--config", paramLabel = "FILE", description = "Settings, 100%% of them.%n.conf is usual.")
        String config = "";
    }

    @Command(name = "sub", description = "'Quoted' at the start, with a back\\slash.")
    static final class Sub {
        @Parameters(paramLabel = "IMAGE", description = "What to read.")
        String image = "";
    }

    private static String page(Class<?> command) {
        return new ManualPage(new CommandLine(command).getCommandSpec(), 1).render();
    }

    @Test
    void the_name_line_has_the_first_sentence_for_apropos() {
        assertThat(page(Tool.class)).contains(".SH NAME\ntool \\- Does a thing\n");
    }

    @Test
    void an_option_stands_with_its_value_and_its_description() {
        assertThat(page(Tool.class))
                .contains(".TP\n.B \\-\\-config FILE\nSettings, 100% of them.\n\\&.conf is usual.\n");
    }

    @Test
    void what_is_hidden_from_help_is_hidden_here() {
        assertThat(page(Tool.class)).doesNotContain("hidden");
    }

    @Test
    void exit_codes_and_subcommands_have_their_sections() {
        assertThat(page(Tool.class))
                .contains(".SH EXIT STATUS\n.TP\n.B 0\ndone\n.TP\n.B 3\nrefused\n")
                .contains(".SH COMMANDS\n.TP\n.B sub\n")
                .contains(".SH SEE ALSO\ntool\\-sub(1)\n");
    }

    @Test
    void text_never_becomes_a_request_to_roff() {
        assertThat(page(Sub.class)).contains(".PP\n\\&'Quoted' at the start, with a back\\eslash.\n");
    }

    @Test
    void every_command_gets_a_page_and_each_program_a_completion(@TempDir Path directory)
            throws IOException, ClassNotFoundException {
        ManualWriter.write(directory, new CommandLine(new Tool()), new CommandLine(new Sub()));

        assertThat(directory.resolve("man/man1/tool.1")).isRegularFile();
        assertThat(directory.resolve("man/man1/tool-sub.1")).isRegularFile();
        assertThat(directory.resolve("man/man8/sub.8")).isRegularFile();
        assertThat(Files.readString(directory.resolve("completions/tool")))
                .contains("complete")
                .contains("--config");
    }
}
