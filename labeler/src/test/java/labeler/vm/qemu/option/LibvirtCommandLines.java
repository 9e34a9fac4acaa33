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
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.VmDefinition;

/**
 * The command lines that libvirt's own tests expect of it, as we read them. Nothing of them is kept here: they come from
 * the source package of the libvirt that is installed.
 *
 * @param definitions by the name of the test's file
 */
record LibvirtCommandLines(Map<String, VmDefinition> definitions) {
    /** libvirt starts qemu in the root directory. */
    private static final HostPath DIRECTORY = HostPath.of("/");

    private static final Pattern VARIABLE = Pattern.compile("[A-Z_][A-Z0-9_]*=.*", Pattern.DOTALL);

    /**
     * Reads them all.
     *
     * @param directory of libvirt's tests, with files {@code NAME.args}
     */
    static LibvirtCommandLines read(Path directory) throws IOException {
        Map<String, VmDefinition> definitions = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(file -> file.toString().endsWith(".args"))
                    .forEach(
                            file -> definitions.put(String.valueOf(file.getFileName()), definition(words(text(file)))));
        }
        return new LibvirtCommandLines(definitions);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static VmDefinition definition(List<String> words) {
        List<byte[]> argv = words.stream()
                .dropWhile(word -> VARIABLE.matcher(word).matches())
                .map(word -> word.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
        return QemuCommandLine.read(argv, DIRECTORY).definition();
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
        return definitions.entrySet().stream()
                .filter(entry -> !entry.getValue().problems().isEmpty())
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().problems(), (a, _) -> a, TreeMap::new));
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
                .formatted(understood(), definitions.size(), 100.0 * understood() / definitions.size(), refusals);
    }

    int understood() {
        return definitions.size() - refused().size();
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
