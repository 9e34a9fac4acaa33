package labeler.vm.qemu.option;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.Settings;

/**
 * The command lines that libvirt's own tests expect of it, as we read them. Nothing of them is kept here: they come from
 * the source package of the libvirt that is installed.
 *
 * @param lines by the name of the test's file
 */
record LibvirtCommandLines(Map<String, Line> lines) {
    /** One of them. */
    record Line(List<String> words, VmDefinition definition) {}

    /** libvirt starts qemu in the root directory. */
    private static final HostPath DIRECTORY = HostPath.of("/");

    /** Text for the guest, secrets, names of servers, and addresses of devices that sysfs resolves. */
    private static final Set<String> NO_FILES = Set.of("mount_tag", "data", "export", "sysfsdev");

    private static final Pattern VARIABLE = Pattern.compile("[A-Z_][A-Z0-9_]*=.*", Pattern.DOTALL);

    /**
     * Reads them all.
     *
     * @param directory of libvirt's tests, with files {@code NAME.args}
     */
    static LibvirtCommandLines read(Path directory) throws IOException {
        Map<String, Line> lines = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(file -> file.toString().endsWith(".args"))
                    .forEach(file -> lines.put(String.valueOf(file.getFileName()), line(words(text(file)))));
        }
        return new LibvirtCommandLines(lines);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Line line(List<String> all) {
        List<String> words =
                all.stream().dropWhile(word -> VARIABLE.matcher(word).matches()).toList();
        List<byte[]> argv = words.stream()
                .map(word -> word.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
        return new Line(words, QemuCommandLine.read(argv, DIRECTORY).definition());
    }

    /** The words of a line for a shell, which may go on after a backslash; quoted with single quotes alone. */
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean isWord = false;
        boolean isQuoted = false;
        for (int at = 0; at < line.length(); at++) {
            char c = line.charAt(at);
            if (c == '\'') {
                isQuoted = !isQuoted;
                isWord = true;
            } else if (!isQuoted && c == '\\' && at + 1 < line.length()) {
                at++;
                if (line.charAt(at) != '\n') {
                    word.append(line.charAt(at));
                    isWord = true;
                }
            } else if (!isQuoted && (c == ' ' || c == '\n')) {
                if (isWord) {
                    words.add(word.toString());
                }
                word.setLength(0);
                isWord = false;
            } else {
                word.append(c);
                isWord = true;
            }
        }
        return words;
    }

    /** Those that are refused, with their problems. */
    Map<String, List<Problem>> refused() {
        Map<String, List<Problem>> refused = new TreeMap<>();
        lines.forEach((file, line) -> {
            if (!line.definition.problems().isEmpty()) {
                refused.put(file, line.definition.problems());
            }
        });
        return refused;
    }

    /** How many are understood, and each refusal's message with the files that it concerns, the most frequent first. */
    String report() {
        Map<String, List<String>> messages = new TreeMap<>();
        refused()
                .forEach((file, problems) ->
                        problems.forEach(problem -> messages.computeIfAbsent(kind(problem), _ -> new ArrayList<>())
                                .add(file)));
        String refusals = messages.entrySet().stream()
                .sorted(Comparator.comparingInt(entry -> -entry.getValue().size()))
                .map(entry -> "%5d  %s%n       %s%n"
                        .formatted(
                                entry.getValue().size(),
                                entry.getKey(),
                                entry.getValue().stream().distinct().limit(6).collect(Collectors.joining(" "))))
                .collect(Collectors.joining());
        return "%d of %d command lines of libvirt's tests are understood (%.1f %%)%n%s"
                .formatted(understood(), lines.size(), 100.0 * understood() / lines.size(), refusals);
    }

    int understood() {
        return lines.size() - refused().size();
    }

    /** Values that look like a file's name, in lines that are understood, which no use has. */
    List<String> omissions() {
        List<String> omissions = new ArrayList<>();
        lines.forEach((file, line) -> {
            if (line.definition.problems().isEmpty()) {
                names(line.words)
                        .filter(name -> !isDeclared(name, line.definition))
                        .forEach(name -> omissions.add(file + ": " + name));
            }
        });
        return omissions;
    }

    private static Stream<String> names(List<String> words) {
        List<String> names = new ArrayList<>();
        for (int at = 1; at < words.size(); at++) {
            if (!words.get(at - 1).equals("-append")) {
                Argument.either(words.get(at), "alone")
                        .map(Argument::settings)
                        .ifPresent(settings -> settings.all()
                                .forEach(setting -> name(setting, settings).ifPresent(names::add)));
            }
        }
        return names.stream();
    }

    private static Optional<String> name(Settings.Setting setting, Settings settings) {
        String value = setting.value().replaceFirst("^(?:unix|file):(?:path=)?/", "/");
        boolean isRemote =
                setting.key().equals("path") && settings.text("driver").equals("nfs");
        return value.startsWith("/") && !NO_FILES.contains(setting.key()) && !isRemote
                ? Optional.of(value)
                : Optional.empty();
    }

    private static boolean isDeclared(String name, VmDefinition definition) {
        return definition.uses().stream()
                .anyMatch(use ->
                        use.names().stream().anyMatch(path -> path.toString().startsWith(name))
                                || use.toString().contains(name));
    }

    /** Without the number of the option. */
    private static String kind(Problem problem) {
        return problem.message().replaceAll("\\[[0-9]+\\]", "");
    }

    /** Prints the report on the command lines in a directory. */
    public static void main(String... arguments) throws IOException {
        System.out.print(read(Path.of(arguments[0])).report());
    }
}
