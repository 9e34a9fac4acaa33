package labeler.vm.qemu.option;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import labeler.vm.DefinitionBuilder;
import labeler.vm.Origin;
import labeler.vm.qemu.block.OptionPlace;
import labeler.vm.qemu.text.ByteText;

/** Separates a command line's options from their arguments, and gives each its name for messages. */
final class OptionReader {
    private final Function<String, Origin> names;
    private final DefinitionBuilder out;
    private final Map<String, Integer> seen = new HashMap<>();
    private final List<PlacedOption> found = new ArrayList<>();

    private OptionReader(Function<String, Origin> names, DefinitionBuilder out) {
        this.names = names;
        this.out = out;
    }

    /**
     * The options in their order, up to the first that cannot be read, which is a problem.
     *
     * @param arguments without the program's name
     * @param names the origin for each option as it is written, with its number if it may be repeated
     */
    static List<PlacedOption> read(List<String> arguments, Function<String, Origin> names, DefinitionBuilder out) {
        OptionReader reader = new OptionReader(names, out);
        int at = 0;
        while (at < arguments.size()) {
            int length = reader.readOne(arguments, at);
            if (length == 0) {
                break;
            }
            at += length;
        }
        return List.copyOf(reader.found);
    }

    /** The number of arguments that it occupies; 0 if it cannot be read. */
    private int readOne(List<String> arguments, int at) {
        String argument = arguments.get(at);
        if (!argument.startsWith("-")) {
            Origin origin = names.apply("disk image " + ByteText.shown(argument));
            found.add(new PlacedOption(new OptionPlace(at, origin), 1, OptionTable.BARE_ARGUMENT, argument));
            return 1;
        }
        // --foo is the same as -foo.
        String name = argument.substring(argument.startsWith("--") ? 2 : 1);
        Optional<Option> option = OptionTable.option(name);
        if (option.isEmpty()) {
            out.notUnderstood(
                    names.apply("-" + ByteText.shown(name)),
                    "no option of qemu 10.0",
                    "leave it out: what follows it cannot be told from a disk image");
            return 0;
        }
        int number = seen.merge(name, 1, Integer::sum) - 1;
        Origin origin = names.apply("-" + name + (option.get().repeats() ? "[" + number + "]" : ""));
        int length = option.get().takesArgument() ? 2 : 1;
        if (at + length > arguments.size()) {
            out.malformed(origin, "its argument is missing");
            return 0;
        }
        String value = option.get().takesArgument() ? arguments.get(at + 1) : "";
        found.add(new PlacedOption(new OptionPlace(at, origin), length, option.get(), value));
        return length;
    }
}
