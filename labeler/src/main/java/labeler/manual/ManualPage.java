package labeler.manual;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import labeler.cli.usage.Examples;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * The manual page of one command, in the man macros of roff (man-pages(7), groff_man(7)). picocli's own generator
 * writes AsciiDoc, which would need a Ruby program in the build.
 */
public final class ManualPage {
    private final CommandSpec command;
    private final int section;
    private final Examples examples = Examples.shipped();
    private final StringBuilder roff = new StringBuilder();

    /**
     * The page of a command.
     *
     * @param section the manual's section: 1 for a command, 8 for a service
     */
    public ManualPage(CommandSpec command, int section) {
        this.command = command;
        this.section = section;
    }

    /** The file's name for {@code man}: {@code labeler-chain.1}. */
    public String fileName() {
        return name(command) + "." + section;
    }

    public String render() {
        UsageMessageSpec usage = command.usageMessage();
        List<String> description = lines(usage.description());
        roff.append(".TH ")
                .append(escaped(name(command).toUpperCase(Locale.ROOT)))
                .append(' ')
                .append(section)
                .append(" \"\" \"labeler\" \"labeler\"\n");
        section("NAME");
        text(name(command) + " - " + summary(description));
        section("SYNOPSIS");
        paragraphs(lines(new CommandLine.Help(command, CommandLine.Help.defaultColorScheme(Ansi.OFF)).synopsis(0)));
        section("DESCRIPTION");
        paragraphs(description);
        arguments();
        options();
        commands();
        exitCodes(usage.exitCodeList());
        examples();
        paragraphs(lines(usage.footer()));
        seeAlso();
        return roff.toString();
    }

    private void arguments() {
        List<PositionalParamSpec> shown = command.positionalParameters().stream()
                .filter(parameter -> !parameter.hidden())
                .toList();
        if (!shown.isEmpty()) {
            section("ARGUMENTS");
            shown.forEach(parameter -> entry(parameter.paramLabel(), lines(parameter.description())));
        }
    }

    private void options() {
        List<OptionSpec> shown =
                command.options().stream().filter(option -> !option.hidden()).toList();
        if (!shown.isEmpty()) {
            section("OPTIONS");
            shown.forEach(
                    option -> entry(String.join(", ", option.names()) + value(option), lines(option.description())));
        }
    }

    private static String value(ArgSpec option) {
        return option.arity().max() == 0 ? "" : " " + option.paramLabel();
    }

    private void commands() {
        List<CommandSpec> shown = subcommands(command);
        if (!shown.isEmpty()) {
            section("COMMANDS");
            shown.forEach(subcommand ->
                    entry(subcommand.name(), lines(subcommand.usageMessage().description())));
        }
    }

    private void exitCodes(Map<String, String> codes) {
        if (!codes.isEmpty()) {
            section("EXIT STATUS");
            codes.forEach((code, meaning) -> entry(code.strip(), lines(meaning)));
        }
    }

    private void examples() {
        List<Examples.Example> shown = examples.of(
                command.parent() == null ? "" : command.qualifiedName(" ").split(" ", 2)[1]);
        if (!shown.isEmpty()) {
            section("EXAMPLES");
            shown.forEach(example -> {
                roff.append(".PP\n");
                text(example.meaning() + ":");
                roff.append(".PP\n.nf\n.RS\n");
                text(example.line());
                roff.append(".RE\n.fi\n");
            });
        }
    }

    private void seeAlso() {
        List<String> others = new ArrayList<>();
        if (command.parent() != null) {
            others.add(name(command.parent()) + "(" + section + ")");
        }
        subcommands(command).forEach(subcommand -> others.add(name(subcommand) + "(" + section + ")"));
        if (!others.isEmpty()) {
            section("SEE ALSO");
            text(String.join(", ", others));
        }
    }

    /** The subcommands that have a page of their own. */
    static List<CommandSpec> subcommands(CommandSpec command) {
        return command.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(spec -> !spec.usageMessage().hidden())
                .distinct()
                .toList();
    }

    private static String name(CommandSpec command) {
        return command.qualifiedName("-");
    }

    /** The first sentence, for the line that apropos(1) searches. */
    private static String summary(List<String> description) {
        String first = description.isEmpty() ? "" : description.getFirst();
        int end = first.indexOf(". ");
        String sentence = end < 0 ? first : first.substring(0, end);
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }

    private void section(String title) {
        roff.append(".SH ").append(title).append('\n');
    }

    private void entry(String term, List<String> meaning) {
        roff.append(".TP\n.B ").append(escaped(term)).append('\n');
        meaning.forEach(this::text);
    }

    private void paragraphs(List<String> lines) {
        lines.forEach(line -> {
            roff.append(".PP\n");
            text(line);
        });
    }

    private void text(String line) {
        // A line that begins with one of these would be a request to roff.
        roff.append(line.startsWith(".") || line.startsWith("'") ? "\\&" : "")
                .append(escaped(line))
                .append('\n');
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-");
    }

    /** picocli's texts have its markup for colours. They also have %n and %% before picocli replaces them. */
    private static List<String> lines(String... texts) {
        List<String> lines = new ArrayList<>();
        for (String text : texts) {
            Ansi.OFF
                    .string(text.replace("%n", "\n").replace("%%", "%"))
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .forEach(lines::add);
        }
        return lines;
    }
}
