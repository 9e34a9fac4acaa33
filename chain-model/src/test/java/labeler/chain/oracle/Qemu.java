package labeler.chain.oracle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs qemu's tools in a directory. */
final class Qemu {
    private static final long TIMEOUT_SECONDS = 60;

    /** qemu follows a loop until it has no descriptors left, for minutes if it may have 20000. */
    private static final int DESCRIPTORS = 128;

    /** Exit codes from here on stand for a signal: qemu aborts over some images. */
    private static final int SIGNALLED = 128;

    private static final Pattern OPENED = Pattern.compile("open(?:at)?\\(.*\\) = [0-9]+<(.*)>$", Pattern.MULTILINE);

    private final Path directory;

    Qemu(Path directory) {
        this.directory = directory;
    }

    record Result(int status, String output) {
        boolean succeeded() {
            return status == 0;
        }

        /** The value of a key in qemu-img's JSON, which is indented so far: text without escapes, or a number. */
        List<String> values(int indentation, String key) {
            Matcher matcher = Pattern.compile(
                            "^ {" + indentation + "}\"" + Pattern.quote(key) + "\": \"?(.*?)\"?,?$", Pattern.MULTILINE)
                    .matcher(output);
            return matcher.results().map(match -> match.group(1)).toList();
        }

        Optional<String> value(int indentation, String key) {
            return values(indentation, key).stream().findFirst();
        }
    }

    Result create(String name, String... arguments) {
        List<String> command = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qcow2"));
        command.addAll(List.of(arguments));
        command.addAll(List.of(name, "1M"));
        return run(command);
    }

    Result info(String format, String name, String... options) {
        List<String> command = new ArrayList<>(List.of("qemu-img", "info", "--output=json", "-f", format));
        command.addAll(List.of(options));
        command.add(name);
        return run(command);
    }

    /** The files below the directory that qemu opens to read an image, with no link left in their names. */
    record Opened(boolean succeeded, Set<Path> files, String output) {}

    Opened openedFor(String format, String name) {
        Path trace = directory.resolve("strace.out");
        Result result = run(List.of(
                "prlimit",
                "--nofile=" + DESCRIPTORS,
                "strace",
                "-f",
                "-y",
                "-e",
                "trace=open,openat",
                "-o",
                trace.toString(),
                "qemu-io",
                "-r",
                "-f",
                format,
                "-c",
                "read 0 512",
                name));
        Set<Path> files = new TreeSet<>();
        try {
            Path real = directory.toRealPath();
            OPENED.matcher(Files.readString(trace, StandardCharsets.ISO_8859_1))
                    .results()
                    .map(match -> Path.of(match.group(1)))
                    .filter(file -> file.startsWith(real))
                    .forEach(files::add);
            Files.delete(trace);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Opened(
                !result.output().contains("can't open") && result.status() < SIGNALLED, files, result.output());
    }

    Result run(List<String> command) {
        try {
            // To a file, since reading a pipe would wait for the program's end without a limit.
            Path output = directory.resolve("output");
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("no end to " + command);
            }
            return new Result(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
