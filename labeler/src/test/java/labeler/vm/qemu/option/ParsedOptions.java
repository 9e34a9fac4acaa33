package labeler.vm.qemu.option;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.VmDefinition;

/** A command line read by the parser, and its answer in one line for each use. */
public final class ParsedOptions {
    static final HostPath DIRECTORY = HostPath.of("/vm");

    private ParsedOptions() {}

    public static VmDefinition parse(String... arguments) {
        return QemuCommandLine.read(
                        Stream.concat(Stream.of("qemu-system-x86_64"), Stream.of(arguments))
                                .map(argument -> argument.getBytes(StandardCharsets.UTF_8))
                                .toList(),
                        DIRECTORY)
                .definition();
    }

    /** {@code disk rw /vm/a qcow2}, {@code made pid-file /vm/p}, {@code first firmware /vm/x /usr/y}, …. */
    public static List<String> uses(VmDefinition definition) {
        return UseText.of(definition);
    }

    public static List<String> uses(String... arguments) {
        VmDefinition definition = parse(arguments);
        if (!definition.problems().isEmpty()) {
            throw new AssertionError(definition.problems());
        }
        return uses(definition);
    }

    public static List<Problem.Kind> problems(String... arguments) {
        return parse(arguments).problems().stream().map(Problem::kind).toList();
    }
}
