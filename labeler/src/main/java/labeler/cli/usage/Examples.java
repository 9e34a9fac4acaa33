package labeler.cli.usage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.IOUtils;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** An example or more of each command, for its help and its manual page. */
public final class Examples {
    private static final String RESOURCE = "/labeler/cli/usage/examples.txt";
    private static final int FIELDS = 3;

    private final List<Example> examples;

    /**
     * One command line.
     *
     * @param words the command that it shows: {@code disk attach}
     * @param meaning what it does
     */
    public record Example(String words, String line, String meaning) {}

    private Examples(List<Example> examples) {
        this.examples = List.copyOf(examples);
    }

    /** Those that this program ships. */
    public static Examples shipped() {
        try {
            return new Examples(IOUtils.resourceToString(RESOURCE, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", FIELDS))
                    .map(fields -> new Example(fields[0], fields[1], fields[2]))
                    .toList());
        } catch (IOException e) {
            throw new IllegalStateException("the jar lacks " + RESOURCE, e);
        }
    }

    public List<Example> all() {
        return examples;
    }

    /** Those of one command, by its words without the program's name. */
    public List<Example> of(String words) {
        return examples.stream()
                .filter(example -> example.words().equals(words))
                .toList();
    }

    /** Adds its examples to the help of a program's commands. */
    public void addTo(CommandLine program) {
        program.getSubcommands().values().forEach(command -> addTo(command, ""));
    }

    private void addTo(CommandLine command, String before) {
        String words = (before + " " + command.getCommandName()).strip();
        List<Example> own = of(words);
        if (!own.isEmpty()) {
            UsageMessageSpec usage = command.getCommandSpec().usageMessage();
            List<String> lines = new ArrayList<>(List.of("", own.size() == 1 ? "Example:" : "Examples:"));
            own.forEach(example -> lines.add("  " + escaped(example.line()) + "%n      " + escaped(example.meaning())));
            lines.addAll(List.of(usage.footer()));
            usage.footer(lines.toArray(String[]::new));
        }
        command.getSubcommands().values().forEach(word -> addTo(word, words));
    }

    /** picocli formats these texts. */
    private static String escaped(String text) {
        return text.replace("%", "%%");
    }
}
