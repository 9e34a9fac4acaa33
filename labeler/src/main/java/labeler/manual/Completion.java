package labeler.manual;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.chain.ImageFormat;
import org.apache.commons.io.IOUtils;
import picocli.CommandLine;

/** The completion of the command line for a shell: a script with tables. */
final class Completion {
    private final CompletionTables tables;

    Completion(CommandLine program) {
        this.tables = CompletionTables.of(program);
    }

    String bash() throws IOException {
        return script("completion.bash", ofPosix());
    }

    String zsh() throws IOException {
        return script("completion.zsh", ofPosix());
    }

    String fish() throws IOException {
        String text = fishFunction("__labeler_words", "\"$argv[1]\"", lines(tables.words()))
                + fishFunction("__labeler_options", "\"$argv[1]\"", lines(tables.options()))
                + fishFunction("__labeler_value", "(string trim \"$argv[1] $argv[2]\")", tables.values())
                + fishFunction("__labeler_argument", "\"$argv[1] $argv[2]\"", tables.arguments());
        return script("completion.fish", text.stripTrailing());
    }

    private static String script(String template, String tables) throws IOException {
        return resource(template)
                .replace("@TABLES@", tables)
                .replace(
                        "@FORMATS@",
                        Stream.of(ImageFormat.values())
                                .filter(ImageFormat::isQemus)
                                .map(ImageFormat::driver)
                                .collect(Collectors.joining(" ")));
    }

    private static String resource(String name) throws IOException {
        return IOUtils.resourceToString("/labeler/manual/" + name, StandardCharsets.UTF_8);
    }

    /** The tables, and the functions that bash and zsh have in common. */
    private String ofPosix() throws IOException {
        return (posixFunction("_labeler_words", "$1", words(tables.words()))
                        + posixFunction("_labeler_options", "$1", words(tables.options()))
                        + posixFunction("_labeler_value", "${1:+$1 }$2", tables.values())
                        + posixFunction("_labeler_argument", "$1 $2", tables.arguments())
                        + resource("completion.posix"))
                .stripTrailing();
    }

    private static Map<String, String> words(Map<String, List<String>> table) {
        return joined(table, " ");
    }

    private static Map<String, String> lines(Map<String, List<String>> table) {
        return joined(table, "\\n");
    }

    private static Map<String, String> joined(Map<String, List<String>> table, String between) {
        return table.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> String.join(between, entry.getValue()),
                        (one, _) -> one,
                        LinkedHashMap::new));
    }

    private static String posixFunction(String name, String key, Map<String, String> table) {
        StringBuilder text = new StringBuilder(name + "() {\n\tcase \"" + key + "\" in\n");
        table.forEach((at, value) ->
                text.append("\t'").append(at).append("') echo '").append(value).append("' ;;\n"));
        return text.append("\tesac\n}\n\n").toString();
    }

    private static String fishFunction(String name, String key, Map<String, String> table) {
        StringBuilder text = new StringBuilder("function " + name + "\n    switch " + key + "\n");
        table.forEach((at, value) -> text.append("        case '")
                .append(at)
                .append("'\n            printf '%b\\n' '")
                .append(value)
                .append("'\n"));
        return text.append("    end\nend\n\n").toString();
    }
}
