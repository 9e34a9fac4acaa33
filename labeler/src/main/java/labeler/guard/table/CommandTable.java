package labeler.guard.table;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The table that is kept by hand: for each command its class, and for each text among its arguments the role, since no
 * schema says which text is a file's name.
 */
public final class CommandTable {
    private static final String RESOURCE = "qmp-roles.txt";

    /** The word for an owner that is no command. */
    private static final String SHARED = "type";

    private final Map<String, CommandClass> commands = new LinkedHashMap<>();
    private final Map<String, List<Rule>> rules = new LinkedHashMap<>();

    /** A role for all paths of a form, in which {@code *} stands for anything. */
    private record Rule(Pattern path, TextRole role) {}

    private CommandTable() {}

    /** The table that is shipped. */
    public static CommandTable shipped() throws IOException {
        try (InputStream in = CommandTable.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException("no " + RESOURCE + " in this program");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /**
     * Reads a table: a line {@code CLASS COMMAND} or {@code type NAME}, and below it, indented, {@code ROLE PATH…}.
     *
     * @throws IOException if a line is none of these
     */
    static CommandTable parse(String text) throws IOException {
        CommandTable table = new CommandTable();
        List<Rule> current = new ArrayList<>();
        for (String line : text.lines().toList()) {
            String content = line.replaceFirst("#.*", "").stripTrailing();
            if (content.isEmpty()) {
                continue;
            }
            String[] words = content.strip().split(" +");
            if (!content.startsWith(" ")) {
                current = new ArrayList<>();
                table.owners(words, current);
                continue;
            }
            TextRole role = TextRole.of(words[0]).orElseThrow(() -> new IOException("no role: " + line));
            for (String path : List.of(words).subList(1, words.length)) {
                current.add(new Rule(pattern(path), role));
            }
        }
        return table;
    }

    private void owners(String[] words, List<Rule> current) throws IOException {
        for (String owner : List.of(words).subList(1, words.length)) {
            if (!words[0].equals(SHARED)) {
                CommandClass of = CommandClass.of(words[0]).orElseThrow(() -> new IOException("no class: " + words[0]));
                if (commands.put(owner, of) != null) {
                    throw new IOException("twice: " + owner);
                }
            }
            rules.put(owner, current);
        }
    }

    private static Pattern pattern(String path) {
        return Pattern.compile(
                Stream.of(path.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
    }

    /** The effect of a command; empty for one that the table does not know. */
    Optional<CommandClass> of(String command) {
        return Optional.ofNullable(commands.get(command));
    }

    /** The role of a text; the first rule that fits says it. */
    Optional<TextRole> of(ArgumentPath argument) {
        return rules.getOrDefault(argument.owner(), List.of()).stream()
                .filter(rule -> rule.path.matcher(argument.path()).matches())
                .map(Rule::role)
                .findFirst();
    }
}
