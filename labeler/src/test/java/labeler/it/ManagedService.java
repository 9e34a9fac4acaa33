package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.IOUtils;

/** A service under a program that keeps its descriptors over a restart, as systemd does (service_manager.py). */
final class ManagedService implements AutoCloseable {
    private final ServiceFixture service;
    private final Path directory;
    private final Path program;

    private ManagedService(Path root) throws IOException {
        this.service = new ServiceFixture(root);
        this.directory = Files.createDirectory(root.resolve("manager"));
        this.program = directory.resolve("service_manager.py");
        Files.write(program, IOUtils.resourceToByteArray("/labeler/it/service_manager.py"));
    }

    static ManagedService started(Path root) throws IOException {
        ManagedService managed = new ManagedService(root);
        managed.service.launch("/usr/bin/python3", managed.program.toString(), managed.directory.toString(), "-");
        managed.awaitReady(1);
        return managed;
    }

    ServiceFixture service() {
        return service;
    }

    private String status() throws IOException {
        Path status = directory.resolve("status");
        return Files.exists(status) ? Files.readString(status, StandardCharsets.UTF_8) : "";
    }

    private void awaitReady(int starts) throws IOException {
        eventually("service " + starts + " is ready", () -> {
            assertThat(service.isAlive()).as("%s", service.log()).isTrue();
            return status().contains("starts " + starts + "\nready 1\n");
        });
    }

    private int starts() throws IOException {
        return Integer.parseInt(status().replaceFirst("(?s).*starts (\\d+).*", "$1"));
    }

    /** The names of what is kept. */
    long kept() throws IOException {
        return status().lines().filter(line -> line.startsWith("kept labeler-")).count();
    }

    private void signal(String signal) throws IOException {
        Command.done("kill", signal, Long.toString(service.pid()));
    }

    void restart() throws IOException {
        int next = starts() + 1;
        signal("-HUP");
        awaitReady(next);
    }

    /** By SIGKILL. */
    void killAndStart() throws IOException {
        int next = starts() + 1;
        signal("-USR1");
        awaitReady(next);
    }

    /** Ends the service. The next {@link #restart} starts it again. */
    void stop() throws IOException {
        signal("-USR2");
        eventually("it has stopped", () -> status().startsWith("pid 0\n"));
    }

    @Override
    public void close() {
        if (service.isAlive()) {
            // The service ends with its manager.
            assertThat(service.terminate()).isZero();
        }
    }
}
