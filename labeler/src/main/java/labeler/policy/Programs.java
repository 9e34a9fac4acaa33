package labeler.policy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** The programs that come with SELinux. */
public interface Programs {
    /**
     * Runs one to its end, without input.
     *
     * @param command the program's name and its arguments; no shell sees them
     * @param waiting told every few seconds for how long the program has been running
     * @throws IOException if it is not installed, or cannot be run; the message names it
     */
    Ended run(List<String> command, Consumer<Duration> waiting) throws IOException;

    /** Whether there is such a program. */
    boolean isInstalled(String name);

    /** What a program answered. */
    record Ended(int exitCode, String out, String err) {
        boolean succeeded() {
            return exitCode == 0;
        }
    }
}
