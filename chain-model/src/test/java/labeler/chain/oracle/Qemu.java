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
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Runs qemu's tools in a directory. */
final class Qemu {
    private static final long TIMEOUT_SECONDS = 60;

    /** qemu follows a loop until it has no descriptors left, for minutes if it may have 20000. */
    private static final int DESCRIPTORS = 128;

    /** Exit codes from here on stand for a signal: qemu aborts over some images. */
    private static final int SIGNALLED = 128;

    /** Reads a list of directories, formats and names, and leaves each result beside the list. */
    private static final String OPEN_EACH = """
            results=${1%/*} number=0
            while IFS='\t' read -r directory format name; do
                cd -- "$directory" || exit
                qemu-io -r -f "$format" -c 'read 0 512' "$name" >"$results/$number.output" 2>&1 </dev/null
                echo $? >"$results/$number.status"
                number=$((number + 1))
            done <"$1"
            """;

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
        return openedForEach(List.of(new Top(directory, format, name))).getFirst();
    }

    /**
     * An image to open by itself, in a qemu that runs in this directory.
     *
     * @param name neither it nor the directory may hold a tab or a line end
     */
    record Top(Path directory, String format, String name) {}

    /** The same for many images, under one strace, which costs less than the images do. Their directories differ. */
    static List<Opened> openedForEach(List<Top> tops) {
        try {
            Path results = Files.createTempDirectory("qemu-io");
            Path list = results.resolve("list");
            Files.write(
                    list,
                    tops.stream()
                            .map(top -> top.directory() + "\t" + top.format() + "\t" + top.name())
                            .toList());
            Path trace = results.resolve("trace");
            new Qemu(results).run(traced(trace, list), () -> trace.toFile().length());
            OpenedFiles files = new OpenedFiles(tops);
            try (Stream<String> lines = Files.lines(trace, StandardCharsets.ISO_8859_1)) {
                lines.forEach(files::take);
            }
            List<Opened> opened = new ArrayList<>();
            for (int i = 0; i < tops.size(); i++) {
                String output = Files.readString(results.resolve(i + ".output"), StandardCharsets.ISO_8859_1);
                int status = Integer.parseInt(
                        Files.readString(results.resolve(i + ".status")).strip());
                opened.add(new Opened(!output.contains("can't open") && status < SIGNALLED, files.of(i), output));
            }
            try (Stream<Path> made = Files.list(results)) {
                made.forEach(file -> file.toFile().delete());
            }
            Files.delete(results);
            return opened;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> traced(Path trace, Path list) {
        return List.of(
                "prlimit",
                "--nofile=" + DESCRIPTORS,
                "strace",
                "-f",
                "--seccomp-bpf",
                "-y",
                "-e",
                "trace=open,openat",
                "-o",
                trace.toString(),
                "sh",
                "-c",
                OPEN_EACH,
                "sh",
                list.toString());
    }

    Result run(List<String> command) {
        return run(command, () -> 0);
    }

    /**
     * Waits for as long as the command gets on: a busy machine makes it slow.
     *
     * @param progress a number that grows with what is done
     */
    private Result run(List<String> command, LongSupplier progress) {
        try {
            // To a file, since reading a pipe would wait for the program's end without a limit.
            Path output = directory.resolve("output");
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            process.getOutputStream().close();
            long before = progress.getAsLong();
            while (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                long now = progress.getAsLong();
                if (now == before) {
                    process.destroyForcibly();
                    throw new AssertionError("no end to " + command);
                }
                before = now;
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
