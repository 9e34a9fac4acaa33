package labeler.policy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** The programs of this host that commands run: those that come with SELinux, and virsh. */
public interface Programs {
    /**
     * Runs a program to its end, without input.
     *
     * @param command the program's name and its arguments; no shell sees them
     * @param waiting gets the program's running time every few seconds
     * @throws IOException if it is not installed, or cannot be run; the message names it
     */
    Ended run(List<String> command, Consumer<Duration> waiting) throws IOException;

    /**
     * Runs a program that may have very much to say: its output is read as it comes, to its end, and not kept.
     *
     * @throws IOException as {@link #run}
     */
    default <T> Read<T> read(List<String> command, OutputReader<T> reader) throws IOException {
        Ended ended = run(command, _ -> {});
        byte[] out = ended.out().getBytes(StandardCharsets.UTF_8);
        return new Read<>(ended.exitCode(), reader.read(new ByteArrayInputStream(out)), ended.err());
    }

    /** Makes something of a program's output. */
    @FunctionalInterface
    interface OutputReader<T> {
        T read(InputStream out) throws IOException;
    }

    /**
     * The result of a program whose output was read.
     *
     * @param out what was made of it
     */
    record Read<T>(int exitCode, T out, String err) {}

    /** Whether there is such a program. */
    boolean isInstalled(String name);

    /** The result of a program. */
    record Ended(int exitCode, String out, String err) {
        boolean succeeded() {
            return exitCode == 0;
        }
    }
}
