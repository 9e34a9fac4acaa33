package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** strace(1) on a running service: shows its system calls, changes them, or kills it with SIGKILL at the n-th of a kind. */
final class Strace implements AutoCloseable {
    private final Process process;

    private Strace(Process process) {
        this.process = process;
    }

    /** Takes effect before this returns. The n-th call is not carried out. */
    static Strace killing(ServiceFixture service, String call, int n) throws IOException {
        return killing(service.pid(), call, n);
    }

    /**
     * Writes the service's calls of these kinds, in their order, a line each. Takes effect before this returns.
     *
     * @param changes strace's own words for calls that fail or take longer: {@code fdatasync:error=EIO:when=1}
     */
    static Strace watching(ServiceFixture service, Path output, String calls, String... changes) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("strace", "-f", "-q", "-y", "-o", output.toString(), "-e", "trace=" + calls));
        for (String change : changes) {
            command.addAll(List.of("-e", "inject=" + change));
        }
        return attached(service.pid(), command);
    }

    /** The same, of any process. */
    static Strace killing(long pid, String call, int n) throws IOException {
        return attached(pid, killing(call, n));
    }

    private static Strace attached(long pid, List<String> command) throws IOException {
        Process process = new ProcessBuilder(Images.with(command, List.of("-p", Long.toString(pid))))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        eventually("strace has attached", () -> {
            assertThat(process.isAlive()).as("strace attaches").isTrue();
            return isAttached(pid);
        });
        return new Strace(process);
    }

    /** The strace command for that, without the program or the process. */
    static List<String> killing(String call, int n) {
        return List.of(
                "strace",
                "-f",
                "-q",
                "-o",
                "/dev/null",
                "-e",
                "trace=" + call,
                "-e",
                "inject=" + call + ":signal=SIGKILL:when=" + n);
    }

    private static boolean isAttached(long pid) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads.toList()) {
                if (isFree(thread)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether no tracer has this thread. A thread that ends meanwhile is not free. */
    private static boolean isFree(Path thread) {
        try {
            return Files.readString(thread.resolve("status")).contains("\nTracerPid:\t0\n");
        } catch (IOException e) {
            return false;
        }
    }

    /** Detaches from the service, if it is alive. */
    @Override
    public void close() {
        process.destroy();
        assertThat(Command.await(process)).as("strace ends").isTrue();
    }
}
