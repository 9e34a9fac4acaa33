package labeler.manual;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The possible words at each place of a command line, for a shell that completes it. A command is known by its words: {@code disk
 * attach}; the program itself has none.
 *
 * @param words of each command: the commands below it
 * @param options of each command: its options
 * @param values of each option with a value: {@code disk attach --qmp}, and the kind of the value
 * @param arguments of each command: {@code disk attach 1}, and the kind of that argument
 */
record CompletionTables(
        Map<String, List<String>> words,
        Map<String, List<String>> options,
        Map<String, String> values,
        Map<String, String> arguments) {
    /** A value that nothing is known of. */
    private static final String TEXT = "text";

    /** The names that these commands take are new ones, of VMs or of a storage. */
    private static final Set<String> NAMING = Set.of("plan", "start", "run", "cluster storage add");

    /** An argument that stands for all further ones is told for the first few. */
    private static final int MOST_ARGUMENTS = 4;

    static CompletionTables of(CommandLine program) {
        CompletionTables tables = new CompletionTables(
                new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
        tables.add("", program);
        return tables;
    }

    private void add(String path, CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        words.put(path, List.copyOf(spec.subcommands().keySet()));
        List<String> names = new ArrayList<>();
        for (OptionSpec option : spec.options()) {
            if (option.hidden()) {
                continue;
            }
            names.addAll(List.of(option.names()));
            if (option.arity().min() > 0) {
                for (String name : option.names()) {
                    values.put((path + " " + name).strip(), kind(path, option));
                }
            }
        }
        options.put(path, names);
        for (PositionalParamSpec argument : spec.positionalParameters()) {
            int last = Math.min(argument.index().max(), argument.index().min() + MOST_ARGUMENTS);
            for (int i = argument.index().min(); i <= last; i++) {
                arguments.put(path + " " + (i + 1), kind(path, argument));
            }
        }
        for (Map.Entry<String, CommandLine> below : command.getSubcommands().entrySet()) {
            add((path + " " + below.getKey()).strip(), below.getValue());
        }
    }

    private static String kind(String path, ArgSpec argument) {
        if (argument.paramLabel().equals("FMT")) {
            // Its constants are not the words that people write.
            return "format";
        }
        if (argument.completionCandidates() != null) {
            return "words:"
                    + StreamSupport.stream(argument.completionCandidates().spliterator(), false)
                            .collect(Collectors.joining(","));
        }
        return switch (argument.paramLabel()) {
            case "NAME" -> NAMING.contains(path) ? TEXT : "vm";
            case "DOMAIN" -> "domain";
            case "DIR" -> "directory";
            case "IMAGE", "FILE", "PATH", "SOCKET", "AVC|FILE" -> "file";
            case String label when label.contains("FILE") -> "file";
            case String _ -> TEXT;
        };
    }
}
