package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real qemu as a child of the test, ended in any case. */
final class Qemu implements AutoCloseable {
    private final Process process;

    private Qemu(Process process) {
        this.process = process;
    }

    /** The command line of a guest that does not run, with more options. */
    static List<String> paused(String... more) {
        List<String> argv = new ArrayList<>(List.of("qemu-system-x86_64", "-accel", "tcg", "-M", "q35", "-m", "64"));
        argv.addAll(List.of("-nodefaults", "-display", "none", "-S"));
        argv.addAll(List.of(more));
        return List.copyOf(argv);
    }

    static Qemu start(List<String> argv) throws IOException {
        return new Qemu(new ProcessBuilder(argv)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
        assertThat(Command.await(process)).as("qemu ends").isTrue();
    }

    /** Waits until qemu has ended by itself. */
    void awaitEnd() {
        assertThat(Command.await(process)).as("qemu ends").isTrue();
    }

    /** Sends SIGTERM, after which qemu ends properly. */
    int terminate() {
        process.destroy();
        assertThat(Command.await(process)).as("qemu ends").isTrue();
        return process.exitValue();
    }

    /**
     * The program that the process has become. For a moment there is none, while a thread executes it and replaces the
     * first thread.
     */
    String program() throws IOException {
        try {
            return String.valueOf(Files.readSymbolicLink(Path.of("/proc", Long.toString(pid()), "exe"))
                    .getFileName());
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /** Whether it catches SIGTERM, bit 14 of the caught signals in proc(5). qemu sets it after its devices. */
    boolean takesSigterm() throws IOException {
        return status("SigCgt:").stream()
                .anyMatch(line -> (Long.parseUnsignedLong(line.split("\\s+", -1)[1], 16) >> 14 & 1) == 1);
    }

    /** The other things that a process inherits: directory, blocked and ignored signals, limits. */
    List<String> surroundings() throws IOException {
        Path proc = Path.of("/proc", Long.toString(pid()));
        List<String> all = new ArrayList<>(status("SigBlk:", "SigIgn:", "Umask:", "NoNewPrivs:", "CapEff:"));
        all.add(Files.readSymbolicLink(proc.resolve("cwd")).toString());
        all.addAll(Files.readAllLines(proc.resolve("limits")));
        return all;
    }

    private List<String> status(String... fields) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status")).stream()
                .filter(line -> List.of(fields).stream().anyMatch(line::startsWith))
                .toList();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        assertThat(Command.await(process)).isTrue();
    }
}
