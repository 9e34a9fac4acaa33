package labeler.vm.qemu.option;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;

/**
 * What a real qemu reached for, by strace.
 *
 * @param directory in which it started
 * @param writes each name that it opened, connected to, made or ran, or tried to; and whether it was for writing
 * @param said what it said
 */
record OpenedByQemu(Path directory, Map<String, Boolean> writes, String said) {
    /** Much longer than any qemu here takes, on any machine. */
    private static final long HANG_SECONDS = 120;

    /** Calls that open a name, make one, or run a program. Those that take two names make the second one. */
    private static final String CALLS = "open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,symlink,symlinkat,"
            + "link,linkat,rename,renameat,renameat2,execve,execveat,connect,bind";

    private static final String TEXT = "\"((?:[^\"\\\\]|\\\\.)*)\"";

    /** With {@code -y} strace tells the path of a directory's descriptor. The end of the line can come later. */
    private static final String AT = "(?:(?:AT_FDCWD|\\d+)(?:<([^>]*)>)?, )?";

    private static final Pattern OPEN =
            Pattern.compile("\\bopen(?:at2?)?\\(" + AT + TEXT + ", (?:\\{flags=)?([A-Z_]+)([A-Z_|]*)");

    private static final Pattern MADE = Pattern.compile("\\b(?:creat|mkdir(?:at)?|mknod(?:at)?)\\(" + AT + TEXT);

    private static final Pattern SECOND = Pattern.compile(
            "\\b(?:symlink|link|rename)(?:at2?)?\\(" + AT.replace("([^>]*)", "[^>]*") + TEXT + ", " + AT + TEXT);

    private static final Pattern RUN = Pattern.compile("\\bexecve(?:at)?\\(" + AT + TEXT);

    private static final Pattern SOCKET = Pattern.compile("\\b(?:connect|bind)\\(.*sun_path=(@?)" + TEXT);

    /** Whether it reached for this name, or for one below. */
    boolean has(String name) {
        return writes.keySet().stream().anyMatch(path -> path.equals(name) || path.startsWith(name + "/"));
    }

    /** What is neither named nor in the system's table, for that access. */
    Map<String, Boolean> without(NamedFiles named, SystemOpens system) {
        Map<String, Boolean> others = new TreeMap<>(writes);
        others.entrySet()
                .removeIf(opened -> named.cover(opened.getKey(), opened.getValue())
                        || system.cover(opened.getKey(), opened.getValue(), directory));
        return others;
    }

    /** qemu starts with these options in this directory, stops at once, and ends by itself. */
    static OpenedByQemu with(List<String> options, Path directory) throws IOException, InterruptedException {
        Path trace = Files.createTempFile("opened", ".strace");
        Path said = Files.createTempFile("opened", ".said");
        try {
            List<String> command = new ArrayList<>(List.of("strace", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "4096"));
            command.addAll(List.of("-e", "trace=" + CALLS, "-o", trace.toString(), InstalledQemu.QEMU));
            command.addAll(List.of("-S", "-display", "none", "-nodefaults", "-no-user-config", "-qmp", "stdio"));
            command.addAll(options);
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            quit(process);
            if (!process.waitFor(HANG_SECONDS, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                Assertions.fail("qemu hung with " + options);
            }
            return new OpenedByQemu(
                    directory,
                    names(Files.readAllLines(trace, StandardCharsets.ISO_8859_1), directory),
                    Files.readString(said, StandardCharsets.ISO_8859_1));
        } finally {
            Files.delete(trace);
            Files.delete(said);
        }
    }

    private static void quit(Process process) {
        try (var input = process.getOutputStream()) {
            input.write(
                    "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"quit\"}\n".getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It did not start. The files that it opened until then still count.
            return;
        }
    }

    /** The names in an output of strace, those that could not be opened as well. */
    static Map<String, Boolean> names(List<String> trace, Path directory) {
        Map<String, Boolean> names = new TreeMap<>();
        for (String line : trace) {
            Matcher open = OPEN.matcher(line);
            Matcher made = MADE.matcher(line);
            Matcher second = SECOND.matcher(line);
            Matcher run = RUN.matcher(line);
            Matcher socket = SOCKET.matcher(line);
            if (open.find()) {
                boolean writes =
                        !open.group(3).equals("O_RDONLY") || open.group(4).contains("O_CREAT");
                note(open.group(1), open.group(2), writes, directory, names);
            } else if (made.find()) {
                note(made.group(1), made.group(2), true, directory, names);
            } else if (second.find()) {
                note(second.group(2), second.group(3), true, directory, names);
            } else if (run.find()) {
                note(run.group(1), run.group(2), false, directory, names);
            } else if (socket.find()) {
                String name = socket.group(1) + socket.group(2);
                note(null, name, true, directory, names);
            }
        }
        return names;
    }

    /**
     * @param at the directory to which the name belongs; null if it is qemu's own
     */
    private static void note(
            @Nullable String at, String name, boolean writes, Path directory, Map<String, Boolean> names) {
        // An empty name is the descriptor's own, which has been opened before.
        if (!name.isEmpty()) {
            boolean isWhole = name.startsWith("/") || name.startsWith("@");
            String base = at == null ? directory.toString() : at;
            names.merge(isWhole ? name : base + "/" + name, writes, Boolean::logicalOr);
        }
    }
}
