package labeler.guard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A qemu with three monitors and no guest. */
public final class RealQemu implements AutoCloseable {
    /** Between two looks: who is waited for needs the processor. */
    private static final long PAUSE_NANOS = 200_000;

    /** For a proper end; one that hangs is killed after that. */
    private static final int END_SECONDS = 20;

    private final Process process;
    private final Path directory;

    /**
     * Starts it, and waits until it listens.
     *
     * @param arguments more than its machine and its monitors
     */
    public RealQemu(Path directory, List<String> arguments) throws IOException {
        this.directory = directory;
        List<String> command = new ArrayList<>(
                List.of("qemu-system-x86_64", "-nodefaults", "-display", "none", "-S", "-accel", "tcg"));
        for (Path monitor : List.of(monitor(), otherMonitor(), thirdMonitor())) {
            command.addAll(List.of("-qmp", "unix:" + monitor + ",server=on,wait=off"));
        }
        command.addAll(arguments);
        process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(directory.resolve("stderr").toFile())
                .start();
    }

    public Path monitor() {
        return directory.resolve("monitor");
    }

    public Path otherMonitor() {
        return directory.resolve("other");
    }

    public Path thirdMonitor() {
        return directory.resolve("third");
    }

    public Process process() {
        return process;
    }

    /** Connects to a monitor, once it is there. */
    public QmpClient client(Path monitor) throws IOException {
        while (true) {
            try {
                return new QmpClient(monitor);
            } catch (IOException e) {
                if (!process.isAlive()) {
                    throw new IOException(Files.readString(directory.resolve("stderr")), e);
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
        process.onExit().join();
    }
}
