package labeler.vm.qemu.option;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.DefinitionBuilder;
import labeler.vm.Origin;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.block.NodeTree;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/**
 * A qemu command line, as qemu 10.0 reads it: the files that it names, and where. Nothing is opened. An option that is
 * not in the table is a problem. So is a setting that may name a file and is not understood.
 *
 * @param argv as for execve(2): the program's name first
 * @param workingDirectory of the qemu process, to which relative names refer
 * @param options in their order, up to the first that cannot be read
 * @param nodes of its disks
 * @param places of the names of its other files
 * @param relative options that name files relative to the working directory
 */
public record QemuCommandLine(
        List<byte[]> argv,
        HostPath workingDirectory,
        List<PlacedOption> options,
        NodeTree nodes,
        Map<DeclaredUse, List<FilePlace>> places,
        Set<Origin> relative,
        VmDefinition definition) {
    /** Bytes: {@code MAX_ARG_STRLEN} of Linux, 32 pages, counts the NUL that ends an argument. */
    public static final int MAXIMUM_ARGUMENT = (128 << 10) - 1;

    /** libvirt writes 6,600 for a VM of a thousand disks. More would cost time and memory. */
    private static final int MAXIMUM_ARGUMENTS = 8_192;

    /** All arguments together: twice the default limit of Linux (a quarter of an 8 MiB stack). */
    private static final long MAXIMUM_TOTAL = 4L << 20;

    public QemuCommandLine {
        argv = List.copyOf(argv);
        options = List.copyOf(options);
        places = places.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> List.copyOf(entry.getValue())));
    }

    /**
     * Reads any command line.
     *
     * @param argv as for execve(2): the program's name first
     * @param workingDirectory of the qemu process, absolute
     */
    public static QemuCommandLine read(List<byte[]> argv, HostPath workingDirectory) {
        return read(argv, workingDirectory, Origin::new);
    }

    /**
     * The same, of options that somebody has written otherwise.
     *
     * @param names the origin for each option as it would be written, {@code -blockdev[0]}
     */
    public static QemuCommandLine read(List<byte[]> argv, HostPath workingDirectory, Function<String, Origin> names) {
        DefinitionBuilder out = new DefinitionBuilder(workingDirectory);
        Origin whole = new Origin("command line");
        if (!workingDirectory.isAbsolute()) {
            out.malformed(whole, "the working directory is not an absolute path");
        } else if (argv.isEmpty()) {
            out.malformed(whole, "not even the program is named");
        } else if (isTooLong(argv)) {
            out.problem(
                    Problem.Kind.TOO_MANY,
                    whole,
                    "more than " + MAXIMUM_ARGUMENTS + " arguments, or longer than Linux passes to a program");
        } else if (argv.stream().anyMatch(QemuCommandLine::hasNul)) {
            out.malformed(whole, "an argument with a NUL byte, which Linux cannot pass");
        } else {
            return readOptions(argv, workingDirectory, names, out);
        }
        return new QemuCommandLine(argv, workingDirectory, List.of(), NodeTree.EMPTY, Map.of(), Set.of(), out.build());
    }

    private static QemuCommandLine readOptions(
            List<byte[]> argv, HostPath workingDirectory, Function<String, Origin> names, DefinitionBuilder out) {
        List<String> words = argv.stream().map(ByteText::of).toList();
        out.program(argv.getFirst());
        CommandLineBuilder parsing = CommandLineBuilder.into(out);
        List<PlacedOption> options = declared(words.subList(1, words.size()), names, parsing);
        NodeTree nodes = parsing.finishFiles();
        parsing.finishAcceleration(words.getFirst());
        return new QemuCommandLine(
                argv, workingDirectory, options, nodes, parsing.places(), out.relative(), out.build());
    }

    /**
     * Adds the files in a list of arguments, as libvirt's {@code <qemu:commandline>} appends it.
     *
     * @param prefix of each origin
     */
    public static void declareArguments(List<byte[]> arguments, String prefix, DefinitionBuilder out) {
        if (isTooLong(arguments) || arguments.stream().anyMatch(QemuCommandLine::hasNul)) {
            out.malformed(
                    new Origin(prefix),
                    "more than " + MAXIMUM_ARGUMENTS + " arguments, or some that Linux cannot pass to a program");
            return;
        }
        CommandLineBuilder parsing = CommandLineBuilder.into(out);
        declared(arguments.stream().map(ByteText::of).toList(), text -> new Origin(prefix + text), parsing);
        parsing.finishFiles();
    }

    private static List<PlacedOption> declared(
            List<String> arguments, Function<String, Origin> names, CommandLineBuilder parsing) {
        List<PlacedOption> options = OptionReader.read(arguments, names, parsing.out());
        options.forEach(parsing::declare);
        return options;
    }

    /** Whether this property of a device may decide which files it opens. */
    public static boolean mayNameFile(String property, String value) {
        return Devices.mayNameFile(property, value);
    }

    /** The places of this file's name; none if qemu derives the name from something else, or accepts no substitute. */
    public List<FilePlace> places(DeclaredUse use) {
        return places.getOrDefault(use, List.of());
    }

    /** The arguments of the options that it has, as they were given, after the program's name. */
    public List<byte[]> words() {
        List<byte[]> words = new ArrayList<>(argv.subList(0, Math.min(1, argv.size())));
        options.forEach(option -> words.addAll(given(option)));
        return words;
    }

    /** An option's words as they were given. */
    public List<byte[]> given(PlacedOption option) {
        int first = option.position() + 1;
        return argv.subList(first, first + option.length());
    }

    /** The same without some of its options. The files that those named stay in the definition. */
    public QemuCommandLine without(Set<PlacedOption> left) {
        return new QemuCommandLine(
                argv,
                workingDirectory,
                options.stream().filter(option -> !left.contains(option)).toList(),
                nodes,
                places,
                relative,
                definition);
    }

    /** Whether qemu reads the options that the host has for each qemu. */
    public boolean readsOptionsOfHost() {
        return options.stream()
                .noneMatch(option ->
                        option.name().equals("no-user-config") || option.name().equals("nodefconfig"));
    }

    /**
     * The files that qemu takes though no option names them, if they are there: it looks for its own in the directory in
     * which it starts, before it looks where its packages have them.
     */
    public List<HostPath> lookedFor() {
        if (!workingDirectory.isAbsolute()) {
            return List.of();
        }
        // A file that an option names is the VM's.
        Set<HostPath> named =
                definition.uses().stream().flatMap(use -> use.names().stream()).collect(Collectors.toSet());
        String layout = options.stream()
                .filter(option -> option.name().equals("k"))
                .map(PlacedOption::argument)
                .reduce("en-us", (_, last) -> last);
        return Stream.concat(DataDirectories.LOOKED_FOR.stream(), Stream.of(layout))
                .filter(name -> !name.isEmpty() && !name.contains("/"))
                .map(name -> workingDirectory.child(ByteText.bytes(name)))
                .filter(file -> !named.contains(file))
                .toList();
    }

    /** The same with one more reason to refuse it. */
    public QemuCommandLine refused(String message) {
        Problem problem = Problem.of(Problem.Kind.NOT_UNDERSTOOD, "command line: " + message);
        return new QemuCommandLine(
                argv, workingDirectory, options, nodes, places, relative, definition.withProblem(problem));
    }

    /** Whether qemu gives up root after its start: {@code -run-with user=}, or the older {@code -runas}. */
    public boolean changesUser() {
        return options.stream()
                .anyMatch(option -> option.name().equals("runas")
                        || (option.name().equals("run-with")
                                && Settings.parse(option.argument()).has("user")));
    }

    /** The name that it gives its guest: {@code -name web1}, {@code -name guest=web1}. The last one counts. */
    public Optional<String> guest() {
        return options.stream()
                .filter(option -> option.name().equals("name"))
                .flatMap(option -> Settings.parse(option.argument(), "guest").all().stream())
                .filter(setting ->
                        setting.key().equals("guest") && !setting.value().isEmpty())
                .map(setting -> new String(ByteText.bytes(setting.value()), StandardCharsets.UTF_8))
                .reduce((_, last) -> last);
    }

    /** The UUID of the machine: {@code -uuid}. The last one counts. */
    public Optional<UUID> uuid() {
        return options.stream()
                .filter(option -> option.name().equals("uuid"))
                .flatMap(option -> uuid(option.argument()).stream())
                .reduce((_, last) -> last);
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether the guest may come from another host, on which it runs still: {@code -incoming}, but for a saved state. */
    public boolean isIncoming() {
        return options.stream()
                .filter(option -> option.name().equals("incoming"))
                .anyMatch(option -> !option.argument().startsWith("file:"));
    }

    /** Whether the process ends once a child of it is the VM: {@code -daemonize}. */
    public boolean isDaemon() {
        return options.stream().anyMatch(option -> option.name().equals("daemonize"));
    }

    /** Whether these are more than any VM needs, or more than Linux passes to a program. */
    public static boolean isTooLong(List<byte[]> arguments) {
        return arguments.size() > MAXIMUM_ARGUMENTS
                || arguments.stream().anyMatch(argument -> argument.length > MAXIMUM_ARGUMENT)
                || arguments.stream().mapToLong(argument -> argument.length).sum() > MAXIMUM_TOTAL;
    }

    private static boolean hasNul(byte[] argument) {
        return ByteText.of(argument).indexOf(0) >= 0;
    }
}
